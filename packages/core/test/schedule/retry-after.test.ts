import { createHealth, fail, pass, warn } from "@otel-health/core";
import { FakeClock, type ScriptStep, scripted } from "@otel-health/core/testing";
import { describe, expect, it } from "vitest";

async function start(steps: readonly ScriptStep[], options: object = {}) {
  const clock = new FakeClock();
  const check = scripted(...steps);
  const health = createHealth({ clock, checks: { check: { ...check, jitter: 0, ...options } } });
  await health.start();
  return { clock, check, health, checked: () => health.snapshot().checks.check };
}

const busy = (retryAfterMs: number) => fail("busy", { retryAfterMs });

describe("retryAfterMs", () => {
  it("keeps the next run away for that long after a failure", async () => {
    const { clock, check } = await start([busy(25_000), pass()]);
    await clock.advance(30_000);
    expect(check.starts).toEqual([0, 25_000]);
  });

  it("brings no run sooner than back-off or interval would", async () => {
    const { clock, check } = await start([busy(1), { ...pass(), retryAfterMs: 1 }]);
    await clock.advance(15_000);
    const [first, second, third] = check.starts as [number, number, number];
    expect(second - first).toBeGreaterThanOrEqual(500);
    expect(third - second).toBe(10_000);
  });

  it("counts after a warning too", async () => {
    const { clock, check } = await start([warn("so so", { retryAfterMs: 15_000 })]);
    await clock.advance(31_000);
    expect(check.starts).toEqual([0, 15_000, 30_000]);
  });

  it("is at most persistentAfterMs: nobody sends a check away for good", async () => {
    const { clock, check } = await start([busy(Number.POSITIVE_INFINITY)], { persistentAfterMs: 40_000 });
    await clock.advance(100_000);
    expect(check.starts).toEqual([0, 40_000, 80_000]);
  });

  it("does not hide that there is no newer answer: the check is unknown at the time it would be otherwise", async () => {
    const { clock, checked } = await start([pass(), busy(120_000)]);
    await clock.advance(10_000 + 10_000 + 22_000 - 1);
    expect(checked()).toMatchObject({ status: "healthy", consecutiveFailures: 1 });
    await clock.advance(1);
    expect(checked()).toMatchObject({ status: "unknown", message: "no result in time" });
  });

  it("is in the report: the next check is when the dependency asked for it", async () => {
    const { clock, health, checked } = await start([busy(25_000)]);
    await clock.advance(1);
    expect(checked().nextCheckAt).toBe(clock.wallTime() - 1 + 25_000);
    const response = health.respond({ method: "GET", url: "/readyz" })!;
    expect(response.headers["Retry-After"]).toBe("25");
  });
});
