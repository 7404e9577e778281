import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CheckState } from "../../src/state/check-state.ts";
import { nextElapse, reduce } from "../../src/state/reduce.ts";
import { anyHistory, anyRules, eventOf, statesOf } from "./histories.ts";
import type { Happening, ModelRules } from "./reduce-model.ts";
import { runs } from "./settings.ts";

interface Step {
  readonly rules: ModelRules;
  readonly before: CheckState;
  readonly happening: Happening;
  readonly after: CheckState;
  /** All answers so far, this one included. */
  readonly answers: readonly (Happening & { kind: "answer" })[];
}

/** Looks at every step of many histories; `look` says whether the step was of the kind that the invariant is about. */
function eachStep(look: (step: Step) => boolean): void {
  let seen = 0;
  fc.assert(
    fc.property(anyRules, anyHistory, (rules, history) => {
      const states = statesOf(rules, history);
      history.forEach((happening, i) => {
        const answers = history.slice(0, i + 1).filter((earlier) => earlier.kind === "answer");
        if (look({ rules, before: states[i]!, happening, after: states[i + 1]!, answers })) seen++;
      });
    }),
    runs(1_500),
  );
  expect(seen).toBeGreaterThan(100);
}

describe("reduce", () => {
  it("becomes unhealthy only past both thresholds, save for a fatal fault while starting and for stuck runs", () => {
    eachStep(({ rules, before, happening, after, answers }) => {
      if (after.status !== "unhealthy" || before.status === "unhealthy") return false;
      const failures = answers.slice(answers.findLastIndex(({ outcome }) => outcome !== "fail") + 1);
      const { starting, fault, stuck } = failures.at(-1)!;
      if (happening.kind === "answer" && starting && fault === "fatal") return false;
      if (!stuck) expect(failures.length).toBeGreaterThanOrEqual(rules.failureThreshold);
      expect(happening.at - failures[0]!.at).toBeGreaterThanOrEqual(rules.gracePeriodMs);
      return true;
    });
  });

  it("becomes unhealthy by the end of the grace alone", () => {
    eachStep(({ rules, after, happening }) => {
      const waits = after.failing.count >= rules.failureThreshold && after.status !== "unhealthy";
      const graceEnd = after.failing.since + rules.gracePeriodMs;
      if (!waits || after.stale || graceEnd >= after.staleAt) return false;
      expect(nextElapse(rules, after)).toBeLessThanOrEqual(graceEnd);
      if (graceEnd - 1 >= happening.at) expect(look(rules, after, graceEnd - 1).status).not.toBe("unhealthy");
      expect(look(rules, after, graceEnd).status).toBe("unhealthy");
      return true;
    });
  });

  it("ends a streak of failures at a warning", () => {
    eachStep(({ after, happening }) => {
      if (happening.kind !== "answer" || happening.outcome !== "warn") return false;
      expect(after.failing.count).toBe(0);
      expect(after.persistent).toBe(false);
      return true;
    });
  });

  it("never lets a warning make anything unhealthy", () => {
    eachStep(({ before, after, happening }) => {
      if (happening.kind !== "answer" || happening.outcome !== "warn") return false;
      if (before.status !== "unhealthy") expect(after.status).not.toBe("unhealthy");
      return true;
    });
  });

  it("becomes degraded by warnings, and healthy again, through the same thresholds", () => {
    eachStep(({ rules, before, after, happening, answers }) => {
      if (before.status !== "healthy" || after.status !== "degraded") return false;
      const notPassing = answers.slice(answers.findLastIndex(({ outcome }) => outcome === "pass") + 1);
      expect(notPassing.length).toBeGreaterThanOrEqual(rules.failureThreshold);
      expect(happening.at - notPassing[0]!.at).toBeGreaterThanOrEqual(rules.gracePeriodMs);
      return true;
    });
  });

  it("knows nothing from a result that is too old", () => {
    eachStep(({ after, happening }) => {
      if (happening.kind !== "look" || happening.at < after.staleAt) return false;
      expect(after.status).toBe("unknown");
      expect(after.stale).toBe(true);
      return true;
    });
  });

  it("becomes healthy only after successThreshold passes in a row since the last silence", () => {
    eachStep(({ rules, before, after, answers }) => {
      if (after.status !== "healthy" || before.status === "healthy") return false;
      const passes = answers.slice(answers.findLastIndex(({ outcome }) => outcome !== "pass") + 1);
      expect(passes.length).toBeGreaterThanOrEqual(rules.successThreshold);
      return true;
    });
  });

  it("leaves unhealthy and unknown only after successThreshold answers in a row that were no failure", () => {
    eachStep(({ rules, before, after, answers }) => {
      const bad = before.status === "unhealthy" || before.status === "unknown";
      if (!bad || after.status !== "degraded") return false;
      const working = answers.slice(answers.findLastIndex(({ outcome }) => outcome === "fail") + 1);
      expect(working.length).toBeGreaterThanOrEqual(rules.successThreshold);
      return true;
    });
  });

  it("needs all passes anew after a silence", () => {
    eachStep(({ rules, before, after, happening }) => {
      if (!before.stale || before.flapping || happening.kind !== "answer" || happening.outcome !== "pass") return false;
      expect(after.status).toBe(rules.successThreshold === 1 ? "healthy" : "unknown");
      return true;
    });
  });

  it("finds persistence exactly once in a streak of failures", () => {
    let found = 0;
    fc.assert(
      fc.property(anyRules, anyHistory, (rules, history) => {
        const states = statesOf(rules, history);
        let inStreak = 0;
        for (let i = 1; i < states.length; i++) {
          const [before, after] = [states[i - 1]!, states[i]!];
          if (after.failing.count <= 1 && after.failing.count !== before.failing.count) inStreak = 0;
          if (after.persistent && !before.persistent) inStreak++;
          expect(inStreak).toBe(after.persistent ? 1 : 0);
          found += inStreak;
        }
      }),
      runs(1_500),
    );
    expect(found).toBeGreaterThan(100);
  });

  it("says slow of passes alone, and not again before a quick one", () => {
    eachStep(({ before, after, happening, rules }) => {
      if (before.slow === after.slow) return false;
      expect(happening).toMatchObject({ kind: "answer", outcome: "pass" });
      const { durationMs, loopLagMs } = happening as Happening & { kind: "answer" };
      expect(durationMs - loopLagMs > rules.slowAfterMs).toBe(after.slow);
      return true;
    });
  });

  it("gets better while it flaps only when it has answered well enough for as long as it is held", () => {
    const order = ["healthy", "degraded", "unknown", "unhealthy"];
    eachStep(({ rules, before, after, happening, answers }) => {
      if (!before.flapping || after.stale || order.indexOf(after.status) >= order.indexOf(before.status)) return false;
      const trailing = (bad: readonly string[]) =>
        answers.slice(answers.findLastIndex(({ outcome }) => bad.includes(outcome)) + 1)[0]?.at ?? happening.at;
      const cleanFor = happening.at - trailing(after.status === "healthy" ? ["fail", "warn"] : ["fail"]);
      const steadyFor = happening.at - Math.max(trailing(["pass"]), trailing(["fail"]));
      const { holdMs, withinMs } = rules.flapping!;
      expect(cleanFor >= holdMs || steadyFor >= withinMs).toBe(true);
      return true;
    });
  });

  it("is what it would be without the rule for as long as it does not flap", () => {
    let same = 0;
    fc.assert(
      fc.property(anyRules, anyHistory, (rules, history) => {
        const states = statesOf(rules, history);
        const without = statesOf({ ...rules, flapping: undefined }, history);
        const first = states.findIndex(({ flapping }) => flapping);
        const calm = first < 0 ? states.length : first + 1;
        for (let i = 0; i < calm; i++) expect(states[i]!.status).toBe(without[i]!.status);
        if (first > 0) same++;
      }),
      runs(500),
    );
    expect(same).toBeGreaterThan(50);
  });

  it("enters a state at the moment of the event and keeps that moment for as long as it stays", () => {
    eachStep(({ before, after, happening }) => {
      expect(after.since).toBe(after.status === before.status ? before.since : happening.at);
      return after.status !== before.status;
    });
  });
});

function look(rules: ModelRules, state: CheckState, at: number): CheckState {
  return reduce(rules, state, eventOf({ kind: "look", at }));
}
