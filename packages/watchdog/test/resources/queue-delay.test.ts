import { FakeClock } from "@otel-health/core/testing";
import { describe, expect, it } from "vitest";
import { PoolLane } from "../../src/resources/pool-lane.ts";
import { queueDelay } from "../../src/resources/queue-delay.ts";

/** A job that a test ends, and what is measured of it. */
function measure(limitMs = 1_000) {
  const clock = new FakeClock();
  const { promise, resolve } = Promise.withResolvers<void>();
  const controller = new AbortController();
  let delayMs: number | undefined;
  void queueDelay(promise, limitMs, clock, controller.signal).then((measured) => {
    delayMs = measured;
  });
  return { clock, end: resolve, abort: () => controller.abort(), delay: () => delayMs };
}

describe("queueDelay", () => {
  it("is how long the job took", async () => {
    const { clock, end, delay } = measure();
    await clock.advance(250);
    expect(delay()).toBeUndefined();
    end();
    await clock.advance(0);
    expect(delay()).toBe(250);
    expect(clock.armed).toBe(0);
  });

  it("does not blame the pool for a loop that was blocked", async () => {
    const { clock, end, delay } = measure();
    await clock.advance(50);
    clock.block(3_000);
    end();
    await clock.advance(0);
    // The timer due at 60 shows that the rest of the time was the loop's.
    expect(delay()).toBe(60);
  });

  it("goes on counting after a block", async () => {
    const { clock, delay } = measure();
    clock.block(5_000);
    await clock.advance(900);
    expect(delay()).toBeUndefined();
    await clock.advance(140);
    expect(delay()).toBeGreaterThan(1_000);
    expect(delay()).toBeLessThan(1_050);
  });

  it("waits for no more than the limit", async () => {
    const { clock, delay } = measure(100);
    await clock.advance(120);
    expect(delay()).toBe(120);
    expect(clock.armed).toBe(0);
  });

  it("arms no more timers once the signal has fired, and settles with the job", async () => {
    const { clock, end, abort, delay } = measure(Number.POSITIVE_INFINITY);
    await clock.advance(2_000);
    abort();
    expect(clock.armed).toBe(0);
    end();
    await clock.advance(0);
    expect(delay()).toBe(2_000);
  });
});

describe("PoolLane", () => {
  it("never has more than one job", async () => {
    const ends: (() => void)[] = [];
    const lane = new PoolLane((done) => void ends.push(done));
    const first = lane.job();
    expect(lane.job()).toBe(first);
    expect(ends).toHaveLength(1);
    ends[0]?.();
    await first;
    void lane.job();
    expect(ends).toHaveLength(2);
  });

  it("takes a job that cannot be started for done", async () => {
    const lane = new PoolLane(() => {
      throw new Error("permission denied");
    });
    await expect(lane.job()).resolves.toBeUndefined();
  });
});
