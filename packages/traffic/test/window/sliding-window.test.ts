import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bins } from "../../src/window/latency-scale.ts";
import { SlidingWindow } from "../../src/window/sliding-window.ts";
import { runs } from "../runs.ts";
import { WindowModel } from "./window-model.ts";

/** A step of time, in windows: none or a little, back, a suspension. */
const step = fc.oneof(
  { weight: 8, arbitrary: fc.double({ min: 0, max: 0.1, noNaN: true }) },
  { weight: 1, arbitrary: fc.double({ min: -0.5, max: 0, noNaN: true }) },
  { weight: 1, arbitrary: fc.double({ min: 0, max: 3, noNaN: true }) },
);
const happening = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant("count" as const), failed: fc.boolean() }) },
  {
    weight: 6,
    arbitrary: fc.record({ type: fc.constant("time" as const), ms: fc.double({ min: 0, max: 5e6, noNaN: true }) }),
  },
  { weight: 4, arbitrary: fc.record({ type: fc.constant("amend" as const), newest: fc.nat(8) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("giveUp" as const) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("look" as const) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("clear" as const) }) },
);
const history = fc.array(fc.tuple(step, happening), { maxLength: 200 });

/** The value that `quantile()` estimates: nearest rank, and one above it where there are two. */
function exact(durations: readonly number[], q: number): number | undefined {
  const sorted = durations.toSorted((one, other) => one - other);
  return sorted[Math.max(1, Math.min(Math.ceil(q * sorted.length), sorted.length - 1)) - 1];
}

/** Both ends of the scale are wide: below a tenth of a millisecond and above an hour nobody asks for digits. */
function onScale(ms: number): number {
  return Math.min(Math.max(ms, 0.1), 3_600_000);
}

describe("SlidingWindow", () => {
  it("counts what a list of everything counts, whatever the clock does, and quantiles are within 5 %", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 100, max: 600_000 }),
        fc.double({ min: -1e6, max: 1e12, noNaN: true }),
        history,
        fc.double({ min: 0.01, max: 0.999, noNaN: true }),
        (windowMs, origin, events, q) => {
          const window = new SlidingWindow(windowMs);
          const model = new WindowModel(windowMs);
          const counted: { readonly at: number; failed: boolean }[] = [];
          let now = origin;
          for (const [windows, event] of events) {
            now += windows * windowMs;
            model.bucket(now);
            window.advance(now);
            if (event.type === "count") {
              counted.push({ at: window.count(now, event.failed), failed: event.failed });
              model.count(now, event.failed);
            } else if (event.type === "time") {
              window.time(now, event.ms);
              model.time(now, event.ms);
            } else if (event.type === "giveUp") {
              window.giveUp(now);
              model.giveUp(now);
            } else if (event.type === "clear") {
              window.clear();
              model.clear();
            } else if (event.type === "amend") {
              // Only what was counted as a success can turn out to have failed.
              const nth = counted.length - 1 - event.newest;
              const call = counted[nth];
              if (call === undefined || call.failed) continue;
              call.failed = window.amend(call.at);
              expect(call.failed).toBe(model.amend(nth));
            }
            expect([window.calls, window.errors, window.unanswered, window.timed]).toEqual([
              model.calls,
              model.errors,
              model.unanswered,
              model.durations.length,
            ]);
            const expected = exact(model.durations, q);
            const estimated = window.quantile(q);
            if (expected === undefined) expect(estimated).toBeUndefined();
            else expect(Math.abs(estimated! / onScale(expected) - 1)).toBeLessThanOrEqual(0.05 + 1e-9);
          }
        },
      ),
      runs(500),
    );
  });

  it("holds each call for at least 19 twentieths of the window, and none for longer than all of it", () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 600_000 }), fc.double({ min: 0, max: 1e9, noNaN: true }), (ms, at) => {
        const window = new SlidingWindow(ms);
        window.count(at, false);
        window.advance(at + ms * 0.95 - 1e-3);
        expect(window.calls).toBe(1);
        window.advance(at + ms + 1e-3);
        expect(window.calls).toBe(0);
      }),
      runs(500),
    );
  });

  it("is as large after a million calls as before the first", () => {
    const window = new SlidingWindow(1_000);
    for (let i = 0; i < 1_000_000; i++) {
      window.count(i / 100, i % 1_000 === 0);
      window.time(i / 100, (i % 100) + 1);
    }
    expect([window.calls, window.errors, window.timed]).toEqual([100_000, 100, 100_000]);
    expect(window.quantile(0.5)).toBeCloseTo(50, -1);
    // A bin for each 5 % either way, from a tenth of a millisecond to an hour.
    expect(bins).toBe(175);
  });

  it("amends no call that it has forgotten, in the place of one that it holds", () => {
    const window = new SlidingWindow(2_000);
    const first = window.count(0, false);
    window.count(2_000, false);
    expect(window.amend(first)).toBe(false);
    expect([window.calls, window.errors]).toEqual([1, 0]);
  });

  it("lets one outlier be no quantile", () => {
    const window = new SlidingWindow(1_000);
    for (let i = 0; i < 9; i++) window.time(0, 10);
    window.time(0, 60_000);
    expect(window.quantile(0.99)).toBeLessThan(11);
    window.time(0, 60_000);
    expect(window.quantile(0.99)).toBeGreaterThan(57_000);
  });

  it("counts durations that are still growing beside its own", () => {
    const window = new SlidingWindow(1_000);
    for (let i = 0; i < 10; i++) window.time(0, 10);
    expect(window.quantile(0.9, [5_000, 6_000, 7_000])).toBeGreaterThan(4_750);
    expect(window.quantile(0.9)).toBeLessThan(11);
    expect(new SlidingWindow(1_000).quantile(0.9, [])).toBeUndefined();
  });

  it("takes what is no duration for a short one", () => {
    const window = new SlidingWindow(1_000);
    for (const ms of [Number.NaN, -5, Number.NEGATIVE_INFINITY]) window.time(0, ms);
    expect(window.quantile(0.5)).toBe(0.1);
    window.advance(Number.NaN);
    expect(window.timed).toBe(3);
  });
});
