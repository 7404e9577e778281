import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WindowedShare } from "../../src/resources/windowed-share.ts";

const windowMs = 30_000;

/** Looks that follow each other, and what was used up in between: no more than the time that passed. */
const looks = fc.array(
  fc.record({ afterMs: fc.integer({ min: 0, max: 20_000 }), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
  { minLength: 1, maxLength: 60 },
);

describe("WindowedShare", () => {
  it("is the share of a window that is used up evenly", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 1, max: 30_000 }), (share, everyMs) => {
        const window = new WindowedShare(windowMs);
        let seen = 0;
        for (let now = 0; now <= 3 * windowMs; now += everyMs) seen = window.look(now, now * share);
        expect(seen).toBeCloseTo(share, 9);
      }),
    );
  });

  it("is never below 0 or above 1, nor above the largest share that there was", () => {
    fc.assert(
      fc.property(looks, (all) => {
        const window = new WindowedShare(windowMs);
        const largest = Math.max(...all.map(({ share }) => share));
        let now = 0;
        let total = 0;
        for (const { afterMs, share } of all) {
          now += afterMs;
          total += afterMs * share;
          const seen = window.look(now, total);
          expect(seen).toBeGreaterThanOrEqual(0);
          expect(seen).toBeLessThanOrEqual(largest + 1e-9);
        }
      }),
    );
  });

  it("has forgotten a burst two windows later, however often it is asked", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), (everyMs) => {
        const window = new WindowedShare(windowMs);
        window.look(0, 0);
        expect(window.look(1_000, 1_000)).toBeCloseTo(1 / 30);
        let seen = 1;
        for (let now = 1_000; now <= 1_000 + 2 * windowMs + everyMs; now += everyMs) seen = window.look(now, 1_000);
        expect(seen).toBe(0);
      }),
    );
  });

  it("takes what was before the first look for nothing", () => {
    expect(new WindowedShare(windowMs).look(5_000, 4_000)).toBe(0);
  });
});
