import { createHealth, fail, pass } from "@otel-health/core";
import { abortable, delayed, FakeClock, hang, type ScriptStep, scripted } from "@otel-health/core/testing";
import { describe, expect, it } from "vitest";

const quick = delayed(5, pass());
const persistentAfterMs = 60_000;

async function start(steps: readonly ScriptStep[], options: object = {}) {
  const clock = new FakeClock();
  const check = scripted(...steps);
  const health = createHealth({
    clock,
    checks: { check: { ...check, jitter: 0, timeoutMs: 1_000, persistentAfterMs, ...options } },
  });
  await health.start();
  const checked = () => health.snapshot().checks.check;
  return { clock, check, health, checked };
}

describe("a check whose runs never settle", () => {
  it("is run three times, and from then on once each persistentAfterMs", async () => {
    const { clock, check } = await start([hang]);
    await clock.advance(10_000);
    expect(check.runs.length).toBe(3);
    const third = check.starts[2]!;
    await clock.advance(10 * persistentAfterMs);
    const later = check.starts.slice(3).map((startedAt) => Math.round(startedAt - third));
    expect(later).toEqual(later.map((_, i) => (i + 1) * (persistentAfterMs + 1_000)));
    expect(later.length).toBe(9);
  });

  it("gives an ordinary timeout for the first two, and says stuck from the third on", async () => {
    const { clock, checked } = await start([hang]);
    await clock.advance(1_000);
    expect(checked()).toMatchObject({ errorType: "timeout", consecutiveFailures: 1, fault: "transient" });
    await clock.advance(9_000);
    expect(checked()).toMatchObject({
      errorType: "stuck",
      consecutiveFailures: 3,
      message: "no answer within 1000 ms, and 3 runs never settled",
    });
  });

  it("becomes unhealthy at the end of the grace, however many failures that would take otherwise", async () => {
    const { clock, checked } = await start([quick, hang], {
      failureThreshold: 100,
      gracePeriodMs: 20_000,
    });
    await clock.advance(11_005);
    // The first failure is known: from here on the grace runs.
    expect(checked()).toMatchObject({ status: "healthy", consecutiveFailures: 1 });
    await clock.advance(19_999);
    expect(checked()).toMatchObject({ status: "healthy", errorType: "stuck" });
    await clock.advance(1);
    expect(checked().status).toBe("unhealthy");
  });

  it("stays unhealthy between its trials: that it is stuck is known, not unknown", async () => {
    const { clock, health, checked } = await start([hang]);
    await clock.advance(30_000);
    const states = new Set<string>();
    health.on("transition", ({ state }) => void states.add(state));
    await clock.advance(10 * persistentAfterMs);
    expect([checked().status, ...states]).toEqual(["unhealthy"]);
  });

  it("says in reports when it is tried again", async () => {
    const { clock, check, checked } = await start([hang]);
    await clock.advance(10_000);
    const trialAt = check.starts[2]! + 1_000 + persistentAfterMs;
    expect(checked().nextCheckAt).toBe(Math.round(clock.wallTime() - clock.now() + trialAt));
  });

  it("is healthy again when a trial passes, and runs at its interval", async () => {
    const { clock, check, checked } = await start([hang, hang, hang, quick]);
    await clock.advance(2 * persistentAfterMs);
    expect(checked()).toMatchObject({ status: "healthy", errorType: null, consecutiveFailures: 0 });
    const [, , , trial, next] = check.starts;
    expect(next! - trial!).toBe(10_005);
  });

  it("is tried within a back-off step once one of its runs has settled after all", async () => {
    const { clock, check, checked } = await start([delayed(30_000, pass()), hang, hang, quick]);
    await clock.advance(30_000);
    expect(check.runs.length).toBe(3);
    await clock.advance(1_005);
    expect(check.runs.length).toBe(4);
    expect(check.starts[3]).toBeGreaterThanOrEqual(30_500);
    expect(checked().status).toBe("healthy");
  });

  it("does not come before a floor that a later answer set, when a hung run settles", async () => {
    const late = (ms: number) => delayed(ms, pass());
    const busy = delayed(5, fail("busy", { retryAfterMs: 50_000 }));
    // The trial that answers is made possible by the first run, which settles at 30 s; the second does at 32 s.
    const { clock, check } = await start([late(30_000), late(36_000), hang, busy, quick]);
    await clock.advance(100_000);
    expect(check.starts[4]! - check.starts[3]!).toBeGreaterThanOrEqual(50_000);
  });

  it("counts the newest three: the oldest makes room for a trial that hangs", async () => {
    const late = delayed(100_000, pass());
    const { clock, check, checked } = await start([hang, late, late, hang, quick, hang]);
    while (check.runs.length < 6) await clock.advance(100);
    await clock.advance(1_000);
    // Of the newest three, two have settled meanwhile: with this one, only two hang.
    expect(checked()).toMatchObject({ errorType: "timeout", consecutiveFailures: 1 });
  });

  it("is not run more often because someone refreshes", async () => {
    const { clock, check, health } = await start([hang]);
    await clock.advance(10_000);
    for (let i = 0; i < 20; i++) {
      const refreshed = health.refresh();
      await clock.advance(1_000);
      await refreshed;
    }
    expect(check.runs.length).toBe(3);
  });

  it("is aborted in each run that was given up", async () => {
    const { clock, check } = await start([hang]);
    await clock.advance(10_000);
    expect(check.runs.map(({ startedAt, abortedAt }) => abortedAt! - startedAt)).toEqual([1_000, 1_000, 1_000]);
  });
});

describe("a check that heeds its signal", () => {
  it("is never stuck, however often it times out", async () => {
    const { clock, check, checked } = await start([abortable(hang)]);
    await clock.advance(120_000);
    expect(check.runs.length).toBeGreaterThan(10);
    expect(checked()).toMatchObject({ status: "unhealthy", errorType: "timeout" });
  });
});

describe("a late answer", () => {
  it("counts for nothing", async () => {
    const { clock, checked } = await start([delayed(1_200, pass()), hang]);
    await clock.advance(1_200);
    expect(checked()).toMatchObject({ status: "unknown", errorType: "timeout", consecutiveFailures: 1 });
  });
});
