import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CheckState } from "../../src/state/check-state.ts";
import { nextElapse, reduce } from "../../src/state/reduce.ts";
import { anyHistory, anyRules, eventOf, statesOf, wallOffset } from "./histories.ts";
import { type Expected, expectedElapse, expectedState } from "./reduce-model.ts";
import { runs } from "./settings.ts";

function told(state: CheckState): Expected {
  const { status, since, failing, persistent, slow, stale, flapping } = state;
  const failingSince = failing.count > 0 ? failing.since : undefined;
  return { status, since, failures: failing.count, failingSince, persistent, slow, stale, flapping };
}

describe("reduce", () => {
  it("agrees at each of 100 000 steps with a model that recomputes everything from the whole history", () => {
    let steps = 0;
    fc.assert(
      fc.property(anyRules, anyHistory, (rules, history) => {
        statesOf(rules, history).forEach((state, step) => {
          expect(told(state)).toEqual(expectedState(rules, history.slice(0, step)));
          steps++;
        });
      }),
      runs(6_000),
    );
    expect(steps).toBeGreaterThan(100_000);
  });

  it("keeps wall time beside monotonic time for all that is rendered", () => {
    fc.assert(
      fc.property(anyRules, anyHistory, (rules, history) => {
        for (const { since, wallSince, failing, notPassing } of statesOf(rules, history)) {
          expect(wallSince - since).toBe(wallOffset);
          for (const streak of [failing, notPassing]) {
            expect(streak.wallSince - streak.since).toBe(streak.count > 0 ? wallOffset : 0);
          }
        }
      }),
      runs(300),
    );
  });

  it("is pure: deeply frozen inputs give equal states each time", () => {
    fc.assert(
      fc.property(anyRules, anyHistory, (rules, history) => {
        Object.freeze(rules);
        const states = statesOf(rules, history);
        history.forEach((happening, i) => {
          const event = Object.freeze(eventOf(happening));
          if (event.type === "observed") Object.freeze(event.observation);
          const before = deepFreeze(states[i]!);
          expect(reduce(rules, before, event)).toEqual(states[i + 1]);
          expect(reduce(rules, before, event)).toEqual(states[i + 1]);
        });
      }),
      runs(300),
    );
  });

  it("keeps the same object when time passes and nothing changes", () => {
    fc.assert(
      fc.property(anyRules, anyHistory, (rules, history) => {
        for (const state of statesOf(rules, history)) {
          const at = Math.min(nextElapse(rules, state) - 1, 1e9);
          if (at < state.since) continue;
          expect(reduce(rules, state, { type: "elapsed", at, wallAt: at })).toBe(state);
        }
      }),
      runs(300),
    );
  });
});

describe("nextElapse", () => {
  it("is the first moment at which the model changes by time alone, or never", () => {
    let exact = 0;
    fc.assert(
      fc.property(anyRules, anyHistory, (rules, history) => {
        const states = statesOf(rules, history);
        for (let step = 1; step < states.length; step++) {
          const expected = expectedElapse(rules, history.slice(0, step));
          expect(nextElapse(rules, states[step]!)).toBe(expected);
          if (expected < Number.POSITIVE_INFINITY) exact++;
        }
      }),
      runs(1_000),
    );
    expect(exact).toBeGreaterThan(5_000);
  });

  it("moves on whenever it is obeyed, however late, so that nobody spins", () => {
    fc.assert(
      fc.property(anyRules, anyHistory, fc.integer({ min: 0, max: 50 }), (rules, history, late) => {
        for (const reached of statesOf(rules, history)) {
          let state = reached;
          let now = 0;
          for (let wakes = 0; ; wakes++) {
            // Degraded, persistent, unhealthy, calm, stale; or better, better still: no more can time alone do.
            expect(wakes).toBeLessThanOrEqual(6);
            const at = nextElapse(rules, state);
            if (at === Number.POSITIVE_INFINITY) break;
            now = Math.max(now, at) + late;
            const after = reduce(rules, state, { type: "elapsed", at: now, wallAt: now });
            expect(after).not.toBe(state);
            expect(nextElapse(rules, after)).toBeGreaterThan(now);
            state = after;
          }
        }
      }),
      runs(1_000),
    );
  });
});

function deepFreeze<T extends object>(value: T): T {
  for (const inner of Object.values(value)) if (typeof inner === "object" && inner !== null) deepFreeze(inner);
  return Object.freeze(value);
}
