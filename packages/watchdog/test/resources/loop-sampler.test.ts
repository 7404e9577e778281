import { setTimeout as delay } from "node:timers/promises";
import { systemClock } from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import { until } from "@otel-health/testkit";
import { LoopSampler } from "@otel-health/watchdog";
import { describe, expect, it } from "vitest";

/** Blocks the loop of this thread for real. */
function block(ms: number): void {
  const end = systemClock.now() + ms;
  while (systemClock.now() < end);
}

describe("LoopSampler", () => {
  it("has read nothing before the first interval is over", async () => {
    const clock = new FakeClock();
    const sampler = new LoopSampler({ intervalMs: 1_000 });
    expect(sampler.read()).toBeUndefined();
    const stop = sampler.start(clock);
    await clock.advance(999);
    expect(sampler.read()).toBeUndefined();
    await clock.advance(1);
    expect(sampler.read()).toMatchObject({ p99Ms: expect.any(Number), maxMs: expect.any(Number) });
    stop();
  });

  it("sees a single block, in the interval that it was in and in no other", async () => {
    const clock = new FakeClock();
    const sampler = new LoopSampler({ intervalMs: 1_000, resolutionMs: 10 });
    const stop = sampler.start(clock);
    await delay(30);
    block(1_500);
    await delay(30);
    await clock.advance(1_000);
    // A look is up to one resolution and one turn late.
    expect(sampler.read()?.maxMs).toBeGreaterThan(1_400);
    expect(sampler.read()?.p99Ms).toBe(sampler.read()?.maxMs);
    expect(sampler.read()?.utilization).toBeGreaterThan(0.5);
    await delay(30);
    await clock.advance(1_000);
    expect(sampler.read()?.maxMs).toBeLessThan(1_400);
    stop();
  });

  it("sees a block that begins or ends where the histogram is blind", async () => {
    const clock = new FakeClock();
    const sampler = new LoopSampler({ intervalMs: 1_000, resolutionMs: 10 });
    const stop = sampler.start(clock);
    clock.block(400);
    await clock.advance(1_000);
    expect(sampler.read()?.maxMs).toBe(390);
    await clock.advance(900);
    clock.block(600);
    await clock.advance(0);
    expect(sampler.read()?.maxMs).toBeGreaterThanOrEqual(500);
    stop();
  });

  it("sees a block wherever in an interval it begins", async () => {
    const sampler = new LoopSampler({ intervalMs: 400, resolutionMs: 10 });
    const stop = sampler.start(systemClock);
    for (let round = 0; round < 8; round += 1) {
      await delay(round * 47);
      block(900);
      await until(() => (sampler.read()?.maxMs ?? 0) > 480, { describe: `the block of round ${round}`, everyMs: 5 });
      await until(() => (sampler.read()?.maxMs ?? 0) < 480, { describe: "an interval without a block" });
    }
    stop();
  });

  it("is shared, and ends with the last who uses it", async () => {
    const clock = new FakeClock();
    const sampler = new LoopSampler();
    const [first, second] = [sampler.start(clock), sampler.start(clock)];
    expect(clock.armed).toBe(1);
    first();
    first();
    await clock.advance(10_000);
    expect(sampler.read()).toBeDefined();
    second();
    expect(clock.armed).toBe(0);
    expect(sampler.read()).toBeUndefined();
    const again = sampler.start(clock);
    expect(clock.armed).toBe(1);
    again();
  });

  it.each([{ intervalMs: 0 }, { intervalMs: Number.NaN }, { resolutionMs: 0 }, { resolutionMs: "10" as never }])(
    "refuses %o",
    (options) => {
      const [key] = Object.keys(options);
      expect(() => new LoopSampler(options)).toThrow(
        expect.objectContaining({ code: "invalid_option", message: expect.stringContaining(`${key} of LoopSampler`) }),
      );
    },
  );
});
