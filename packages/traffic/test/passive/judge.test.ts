import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Evidence, judge } from "../../src/passive/judge.ts";
import { runs } from "../runs.ts";

/** Busy, fresh and well. */
const well: Evidence = {
  calls: 100,
  minSamples: 10,
  isUnanswered: false,
  isOver: false,
  failing: false,
  windowMs: 10_000,
  idleMs: 100,
  goodMs: 5_000,
  waiting: 0,
  isStuck: false,
  freshMs: 10_000,
};

describe("judge", () => {
  it.each<[string, Partial<Evidence>, string]>([
    ["enough calls, few failures", {}, "calls pass"],
    ["enough calls, many failures", { isOver: true, goodMs: 0 }, "calls fail"],
    ["no calls", { calls: 0 }, "none"],
    ["too few calls, whatever became of them", { calls: 9, isOver: true, goodMs: 0 }, "few"],
    ["calls that are no news any more", { idleMs: 10_001 }, "idle"],
    ["a call that may never end, and none that ended since", { waiting: 1, isStuck: true }, "stuck"],
    ["a call that takes its time", { waiting: 1 }, "calls pass"],
    ["enough that may never end, and none that did", { calls: 0, waiting: 10, isStuck: true }, "stuck"],
    ["too few that may never end, and none that did", { calls: 0, waiting: 9, isStuck: true }, "none"],
    ["most given up without an answer", { isUnanswered: true }, "unanswered"],
    ["all given up without an answer", { calls: 0, isUnanswered: true }, "unanswered"],
    ["most given up, too few that failed", { calls: 9, isUnanswered: true, isOver: true, goodMs: 0 }, "unanswered"],
    ["most given up, and enough that failed", { isUnanswered: true, isOver: true, goodMs: 0 }, "calls fail"],
    ["old failures, and good calls since", { isOver: true, failing: true, goodMs: 2_500 }, "over"],
    ["failures that go on", { isOver: true, failing: true, goodMs: 2_499 }, "calls fail"],
    ["failures that nobody has judged yet", { isOver: true, failing: false, goodMs: 9_000 }, "calls fail"],
  ])("%s", (_what, differing, expected) => {
    expect(judge({ ...well, ...differing })).toBe(expected);
  });

  it("lets calls fail only what has failed lately, and pass only what was heard of lately", () => {
    const ms = fc.integer({ min: 0, max: 30_000 });
    const evidence = fc.record({
      calls: fc.nat(30),
      minSamples: fc.integer({ min: 1, max: 20 }),
      isUnanswered: fc.boolean(),
      isOver: fc.boolean(),
      failing: fc.boolean(),
      windowMs: fc.integer({ min: 100, max: 20_000 }),
      idleMs: ms,
      goodMs: ms,
      waiting: fc.nat(30),
      isStuck: fc.boolean(),
      freshMs: ms,
    });
    fc.assert(
      fc.property(evidence, (given) => {
        const basis = judge(given);
        const byCalls = basis === "calls pass" || basis === "calls fail";
        if (byCalls) {
          expect(given.calls).toBeGreaterThanOrEqual(given.minSamples);
          expect(given.idleMs).toBeLessThanOrEqual(given.freshMs);
          expect(given.isStuck).toBe(false);
          expect(given.isUnanswered && !given.isOver).toBe(false);
          expect(basis === "calls fail").toBe(given.isOver);
        }
        if (given.failing && basis === "calls fail") expect(given.goodMs).toBeLessThan(given.windowMs / 4);
      }),
      runs(2_000),
    );
  });
});
