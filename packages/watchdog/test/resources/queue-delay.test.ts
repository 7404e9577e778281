import { FakeClock } from "@otel-health/core/testing";
import { describe, expect, it } from "vitest";
import { PoolLane } from "../../src/resources/pool-lane.ts";
import { queueDelay } from "../../src/resources/queue-delay.ts";

interface Measured {
  readonly limitMs?: number;
  readonly withinMs?: number;
  /** For how long the job has been waiting already. */
  readonly ageMs?: number;
}

/** A job that a test ends, and what is measured of it. */
async function measure({ limitMs = 1_000, withinMs = Number.POSITIVE_INFINITY, ageMs = 0 }: Measured = {}) {
  const clock = new FakeClock();
  const { promise, resolve } = Promise.withResolvers<void>();
  const controller = new AbortController();
  const job = { startedAt: clock.now(), done: promise };
  await clock.advance(ageMs);
  let delayMs: number | undefined;
  void queueDelay(job, clock, { limitMs, withinMs, signal: controller.signal }).then((measured) => {
    delayMs = measured;
  });
  return { clock, end: resolve, abort: () => controller.abort(), delay: () => delayMs };
}

describe("queueDelay", () => {
  it("is how long the job took", async () => {
    const { clock, end, delay } = await measure();
    await clock.advance(250);
    expect(delay()).toBeUndefined();
    end();
    await clock.advance(0);
    expect(delay()).toBe(250);
    expect(clock.armed).toBe(0);
  });

  it("does not blame the pool for a loop that was blocked", async () => {
    const { clock, end, delay } = await measure();
    await clock.advance(50);
    clock.block(3_000);
    end();
    await clock.advance(0);
    // The timer due at 60 shows that the rest of the time was the loop's.
    expect(delay()).toBe(60);
  });

  it("goes on counting after a block", async () => {
    const { clock, delay } = await measure();
    clock.block(5_000);
    await clock.advance(900);
    expect(delay()).toBeUndefined();
    await clock.advance(140);
    expect(delay()).toBeGreaterThan(1_000);
    expect(delay()).toBeLessThan(1_050);
  });

  it("waits for no more than the limit", async () => {
    const { clock, delay } = await measure({ limitMs: 100 });
    await clock.advance(120);
    expect(delay()).toBe(120);
    expect(clock.armed).toBe(0);
  });

  it("waits for no longer than it may, however late the loop is", async () => {
    const { clock, delay } = await measure({ withinMs: 1_500 });
    for (let tick = 0; tick < 40; tick += 1) {
      clock.block(60);
      await clock.advance(0);
    }
    expect(delay()).toBeGreaterThan(400);
    expect(delay()).toBeLessThan(600);
    expect(clock.armed).toBe(0);
  });

  it("counts what the job had waited before, once the loop has turned", async () => {
    const hung = await measure({ ageMs: 10_000 });
    await hung.clock.advance(20);
    expect(hung.delay()).toBe(10_020);
    const done = await measure({ ageMs: 10_000 });
    done.end();
    await done.clock.advance(0);
    expect(done.delay()).toBe(0);
  });

  it("arms no more timers once the signal has fired, and settles with the job", async () => {
    const { clock, end, abort, delay } = await measure({ limitMs: Number.POSITIVE_INFINITY });
    await clock.advance(2_000);
    abort();
    expect(clock.armed).toBe(0);
    end();
    await clock.advance(0);
    expect(delay()).toBe(2_000);
  });
});

describe("PoolLane", () => {
  it("never has more than one job, and knows since when", async () => {
    const clock = new FakeClock();
    const ends: (() => void)[] = [];
    const lane = new PoolLane((done) => void ends.push(done));
    const first = lane.job(clock);
    await clock.advance(500);
    expect(lane.job(clock)).toBe(first);
    expect(ends).toHaveLength(1);
    ends[0]?.();
    await first.done;
    expect(lane.job(clock).startedAt).toBe(500);
    expect(ends).toHaveLength(2);
  });

  it("takes a job that cannot be started for done", async () => {
    const clock = new FakeClock();
    let starts = 0;
    const lane = new PoolLane(() => {
      starts += 1;
      throw new Error("permission denied");
    });
    await expect(lane.job(clock).done).resolves.toBeUndefined();
    await lane.job(clock).done;
    expect(starts).toBe(2);
  });
});
