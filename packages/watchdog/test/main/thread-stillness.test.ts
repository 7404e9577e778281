import { describe, expect, it } from "vitest";
import { ThreadStillness } from "../../src/main/thread-stillness.ts";
import { pulseWords } from "../../src/worker/probe-work.ts";

/** What is found in so many looks, each `everyMs` after the one before; `looks` is what the other thread does meanwhile. */
function scene() {
  const pulse = new Int32Array(new SharedArrayBuffer(4 * Object.keys(pulseWords).length));
  const stillness = new ThreadStillness(pulse, 0, 2_000);
  let now = 0;
  return (count: number, { everyMs = 1_000, looks = 0 } = {}) =>
    Array.from({ length: count }, () => {
      now += everyMs;
      Atomics.add(pulse, pulseWords.looks, looks);
      return stillness.look(now);
    }).filter((found) => found).length;
}

describe("ThreadStillness", () => {
  it("finds nothing while the thread looks, however seldom", () => {
    const found = scene();
    expect(found(100, { looks: 10 })).toBe(0);
    for (let i = 0; i < 10; i++) expect(found(9) + found(1, { looks: 1 })).toBe(0);
  });

  it("finds a thread that has not looked for ten seconds, once, and the next one again", () => {
    const found = scene();
    expect(found(1, { looks: 1 })).toBe(0);
    expect(found(9)).toBe(0);
    expect(found(1)).toBe(1);
    expect(found(100)).toBe(0);
    expect(found(1, { looks: 1 })).toBe(0);
    expect(found(10)).toBe(1);
  });

  it("does not count for how long it did not look itself", () => {
    const found = scene();
    expect(found(4, { everyMs: 3_600_000 })).toBe(0);
    expect(found(1, { everyMs: 3_600_000 })).toBe(1);
  });
});
