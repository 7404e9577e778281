import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "../../../core/test/properties/settings.ts";
import { initialSilence, nextSilence, type Silence } from "../../src/shared-heartbeat/silence.ts";

const maxAgeMs = 1_000;

/** Looks when it is to, as the heartbeat does, while the process runs; returns when it blamed the thread. */
function watch(untilMs: number, beats: readonly number[], awake: (at: number) => number): number | undefined {
  let silence: Silence = initialSilence(0, undefined, maxAgeMs);
  let heard = 0;
  for (let now = awake(silence.lookAt); now <= untilMs; now = awake(silence.lookAt)) {
    while ((beats[heard] ?? now + 1) <= now) heard++;
    silence = nextSilence(silence, now, beats[heard - 1], maxAgeMs);
    if (silence.isTooLong) return now;
  }
  return undefined;
}

interface Sleep {
  readonly from: number;
  readonly forMs: number;
}

const sleeps: fc.Arbitrary<readonly Sleep[]> = fc
  .array(fc.record({ afterMs: fc.integer({ min: 3_000, max: 9_000 }), forMs: fc.integer({ min: 20, max: 50_000 }) }), {
    maxLength: 5,
  })
  .map((all) => {
    let at = 0;
    return all.map(({ afterMs, forMs }) => {
      const from = at + afterMs;
      at = from + forMs;
      return { from, forMs };
    });
  });

/** The moment at which something happens that was due at `at`. */
const awake =
  (all: readonly Sleep[]) =>
  (at: number): number => {
    const sleep = all.find(({ from, forMs }) => at > from && at < from + forMs);
    return sleep === undefined ? at : sleep.from + sleep.forMs;
  };

/** How much of a time was slept. */
function slept(all: readonly Sleep[], from: number, to: number): number {
  const parts = all.map((sleep) => Math.min(to, sleep.from + sleep.forMs) - Math.max(from, sleep.from));
  return parts.reduce((sum, part) => sum + Math.max(0, part), 0);
}

describe("nextSilence", () => {
  it("blames no thread that beats while the process runs, however often and long that is suspended", () => {
    fc.assert(
      fc.property(sleeps, fc.integer({ min: 50, max: 700 }), (all, everyMs) => {
        const beats: number[] = [];
        for (let at = everyMs; at < 150_000; ) {
          beats.push(at);
          const due = at + everyMs;
          const woken = awake(all)(due);
          // Whoever wakes first, the thread is a moment behind.
          at = woken === due ? due : woken + 5;
        }
        expect(watch(120_000, beats, awake(all))).toBeUndefined();
      }),
      runs(500),
    );
  });

  it("blames a thread that beats no more: exactly in time, or within as long again of time in which the process ran", () => {
    fc.assert(
      fc.property(sleeps, fc.array(fc.integer({ min: 1, max: 700 }), { maxLength: 30 }), (all, pauses) => {
        let last = 0;
        const beats = pauses.map((pause) => {
          last = awake(all)(last + pause);
          return last;
        });
        const blamedAt = watch(Number.MAX_SAFE_INTEGER, beats, awake(all)) ?? 0;
        if (slept(all, last - maxAgeMs, last + maxAgeMs) === 0) expect(blamedAt).toBe(last + maxAgeMs);
        expect(blamedAt).toBeGreaterThanOrEqual(last + maxAgeMs);
        expect(blamedAt - last - slept(all, last, blamedAt)).toBeLessThanOrEqual(2 * maxAgeMs);
      }),
      runs(500),
    );
  });
});
