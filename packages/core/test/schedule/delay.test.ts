import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { backoffDelay, intervalDelay } from "../../src/schedule/delay.ts";
import { runs } from "../properties/settings.ts";

const anyRandom = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const anyInterval = fc.integer({ min: 1, max: 2 ** 31 - 1 });

describe("intervalDelay", () => {
  it("is the interval, or up to jitter of it sooner", () => {
    fc.assert(
      fc.property(anyInterval, fc.double({ min: 0, max: 1, noNaN: true }), anyRandom, (interval, jitter, random) => {
        const delay = intervalDelay(interval, jitter, random);
        expect(delay).toBeLessThanOrEqual(interval);
        expect(delay).toBeGreaterThanOrEqual(interval * (1 - jitter));
      }),
      runs(500),
    );
  });

  it("spreads over the whole of that span", () => {
    expect(intervalDelay(10_000, 0.1, 0)).toBe(10_000);
    expect(intervalDelay(10_000, 0.1, 0.5)).toBe(9_500);
    expect(intervalDelay(10_000, 0, 0.9)).toBe(10_000);
  });
});

describe("backoffDelay", () => {
  it("is within half a step and a step, and no step is longer than the interval, after any number of failures", () => {
    const anyBackoff = fc.record({ initialMs: anyInterval, factor: fc.double({ min: 1, max: 100, noNaN: true }) });
    fc.assert(
      fc.property(
        anyInterval,
        anyBackoff,
        fc.integer({ min: 1, max: 1e9 }),
        anyRandom,
        (interval, rules, k, random) => {
          const step = Math.min(interval, rules.initialMs * rules.factor ** (k - 1));
          const delay = backoffDelay(interval, rules, k, random);
          expect(delay).toBeGreaterThanOrEqual(step / 2);
          expect(delay).toBeLessThanOrEqual(step);
        },
      ),
      runs(500),
    );
  });

  it("doubles from a second up to the interval at the defaults", () => {
    const longest = [1, 2, 3, 4, 5, 6].map((failures) =>
      backoffDelay(10_000, { initialMs: 1_000, factor: 2 }, failures, 1),
    );
    expect(longest).toEqual([1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
  });
});
