import { createHealth } from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import { describe, expect, it } from "vitest";
import { type Script, Scripted } from "./scripted.ts";

const never: Script = { afterMs: Number.POSITIVE_INFINITY, answer: "pass" };
const quick: Script = { afterMs: 5, answer: "pass" };
const persistentAfterMs = 60_000;

async function start(next: Script | ((run: number) => Script), options: object = {}) {
  const clock = new FakeClock();
  const scripted = new Scripted(next);
  const check = { run: scripted.run, jitter: 0, timeoutMs: 1_000, persistentAfterMs, ...options };
  const health = createHealth({ clock, checks: { check } });
  await health.start();
  const checked = () => health.snapshot().checks.check;
  return { clock, scripted, health, checked };
}

describe("a check whose runs never settle", () => {
  it("is run three times, and from then on once each persistentAfterMs", async () => {
    const { clock, scripted } = await start(never);
    await clock.advance(10_000);
    expect(scripted.runs.length).toBe(3);
    const third = scripted.starts[2]!;
    await clock.advance(10 * persistentAfterMs);
    const later = scripted.starts.slice(3).map((startedAt) => Math.round(startedAt - third));
    expect(later).toEqual(later.map((_, i) => (i + 1) * (persistentAfterMs + 1_000)));
    expect(later.length).toBe(9);
  });

  it("gives an ordinary timeout for the first two, and says stuck from the third on", async () => {
    const { clock, checked } = await start(never);
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
    const { clock, checked } = await start((run) => (run === 0 ? quick : never), {
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
    const { clock, health, checked } = await start(never);
    await clock.advance(30_000);
    const states = new Set<string>();
    health.on("transition", ({ state }) => void states.add(state));
    await clock.advance(10 * persistentAfterMs);
    expect([checked().status, ...states]).toEqual(["unhealthy"]);
  });

  it("says in reports when it is tried again", async () => {
    const { clock, scripted, checked } = await start(never);
    await clock.advance(10_000);
    const trialAt = scripted.starts[2]! + 1_000 + persistentAfterMs;
    expect(checked().nextCheckAt).toBe(Math.round(clock.wallTime() - clock.now() + trialAt));
  });

  it("is healthy again when a trial passes, and runs at its interval", async () => {
    const { clock, scripted, checked } = await start((run) => (run < 3 ? never : quick));
    await clock.advance(2 * persistentAfterMs);
    expect(checked()).toMatchObject({ status: "healthy", errorType: null, consecutiveFailures: 0 });
    const [, , , trial, next] = scripted.starts;
    expect(next! - trial!).toBe(10_005);
  });

  it("is tried within a back-off step once one of its runs has settled after all", async () => {
    const late: Script = { afterMs: 30_000, answer: "pass" };
    const { clock, scripted, checked } = await start((run) => (run === 0 ? late : run < 3 ? never : quick));
    await clock.advance(30_000);
    expect(scripted.runs.length).toBe(3);
    await clock.advance(1_005);
    expect(scripted.runs.length).toBe(4);
    expect(scripted.starts[3]).toBeGreaterThanOrEqual(30_500);
    expect(checked().status).toBe("healthy");
  });

  it("does not come before a floor that a later answer set, when a hung run settles", async () => {
    const late: Script = { afterMs: 30_000, answer: "pass" };
    const busy: Script = { afterMs: 5, answer: "fail", retryAfterMs: 50_000 };
    // The trial that answers is made possible by the first run, which settles at 30 s; the second does at 32 s.
    const scripts: readonly Script[] = [late, { ...late, afterMs: 36_000 }, never, busy, quick];
    const { clock, scripted } = await start((run) => scripts[Math.min(run, 4)]!);
    await clock.advance(100_000);
    expect(scripted.starts[4]! - scripted.starts[3]!).toBeGreaterThanOrEqual(50_000);
  });

  it("counts the newest three: the oldest makes room for a trial that hangs", async () => {
    const late: Script = { afterMs: 100_000, answer: "pass" };
    const scripts: readonly Script[] = [never, late, late, never, quick, never];
    const { clock, scripted, checked } = await start((run) => scripts[run]!);
    while (scripted.runs.length < 6) await clock.advance(100);
    await clock.advance(1_000);
    // Of the newest three, two have settled meanwhile: with this one, only two hang.
    expect(checked()).toMatchObject({ errorType: "timeout", consecutiveFailures: 1 });
  });

  it("is not run more often because someone refreshes", async () => {
    const { clock, scripted, health } = await start(never);
    await clock.advance(10_000);
    for (let i = 0; i < 20; i++) {
      const refreshed = health.refresh();
      await clock.advance(1_000);
      await refreshed;
    }
    expect(scripted.runs.length).toBe(3);
  });

  it("is aborted in each run that was given up", async () => {
    const { clock, scripted } = await start(never);
    await clock.advance(10_000);
    expect(scripted.runs.map(({ startedAt, abortedAt }) => abortedAt! - startedAt)).toEqual([1_000, 1_000, 1_000]);
  });
});

describe("a check that heeds its signal", () => {
  it("is never stuck, however often it times out", async () => {
    const { clock, scripted, checked } = await start({ ...never, heeds: true });
    await clock.advance(120_000);
    expect(scripted.runs.length).toBeGreaterThan(10);
    expect(checked()).toMatchObject({ status: "unhealthy", errorType: "timeout" });
  });
});

describe("a late answer", () => {
  it("counts for nothing", async () => {
    const { clock, checked } = await start((run) => (run === 0 ? { afterMs: 1_200, answer: "pass" } : never));
    await clock.advance(1_200);
    expect(checked()).toMatchObject({ status: "unknown", errorType: "timeout", consecutiveFailures: 1 });
  });
});
