import { FakeClock } from "@otel-health/core/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Timeline } from "../../src/schedule/timeline.ts";
import { runs } from "../properties/settings.ts";

function make() {
  const clock = new FakeClock();
  return { clock, timeline: new Timeline(clock) };
}

describe("Timeline", () => {
  it("is monotonic time while nothing is overdue by a second", () => {
    const { clock, timeline } = make();
    timeline.expect(500);
    clock.block(1_499);
    expect(timeline.now()).toBe(1_499);
    expect(timeline.gaps).toBe(0);
  });

  it("leaves out what lies between the due time and now once that is a second or more", () => {
    const { clock, timeline } = make();
    timeline.expect(500);
    clock.block(1_500);
    expect(timeline.now()).toBe(500);
    expect(timeline.gaps).toBe(1_000);
    clock.block(10);
    expect(timeline.now()).toBe(510);
  });

  it("knows no gap where nothing was to happen", () => {
    const { clock, timeline } = make();
    clock.block(3_600_000);
    expect(timeline.now()).toBe(3_600_000);
  });

  it("never goes back, never outruns the clock, and accounts for every millisecond", () => {
    const anyMove = fc.record({ block: fc.nat({ max: 5_000 }), expectIn: fc.nat({ max: 3_000 }) });
    fc.assert(
      fc.property(fc.array(anyMove, { maxLength: 50 }), (moves) => {
        const { clock, timeline } = make();
        let before = 0;
        for (const { block, expectIn } of moves) {
          clock.block(block);
          const now = timeline.now();
          expect(now).toBeGreaterThanOrEqual(before);
          expect(now + timeline.gaps).toBe(clock.now());
          expect(now - before).toBeLessThanOrEqual(block);
          timeline.expect(now + expectIn);
          before = now;
        }
      }),
      runs(300),
    );
  });
});
