import { createHealth, heartbeat, pass, push } from "@otel-health/core";
import { abortable, delayed, FakeClock, hang, type ScriptStep, scripted, settle } from "@otel-health/core/testing";
import { describe, expect, it } from "vitest";

async function start(step: ScriptStep, options: object = {}) {
  const clock = new FakeClock();
  const [one, two] = [scripted(step), scripted(step)];
  const check = { jitter: 0, ...options };
  const health = createHealth({
    clock,
    checks: {
      one: { ...one, ...check },
      two: { ...two, ...check, intervalMs: 60_000 },
      told: push(),
      worker: heartbeat({ maxAgeMs: 1_000 }),
    },
  });
  await health.start();
  return { clock, health, one, two };
}

describe("refresh", () => {
  it("runs only what is older than maxAgeMs", async () => {
    const { clock, health, one, two } = await start(delayed(5, pass()));
    await clock.advance(14_000);
    expect([one.runs.length, two.runs.length]).toEqual([2, 1]);
    const refreshed = health.refresh({ maxAgeMs: 10_000 });
    await clock.advance(5);
    await refreshed;
    expect([one.runs.length, two.runs.length]).toEqual([2, 2]);
  });

  it("runs everything where no age is given, and resolves with the outcomes in place", async () => {
    const clock = new FakeClock();
    let up = false;
    const run = () => {
      if (!up) throw new Error("down");
    };
    const health = createHealth({ clock, checks: { one: run, two: run } });
    await health.start();
    await clock.advance(1);
    expect(health.snapshot().checks.one.ok).toBe(false);
    up = true;
    const { checks, probes } = await health.refresh();
    expect([checks.one.status, checks.two.status, probes.readiness.status]).toEqual(["healthy", "healthy", "healthy"]);
    expect(JSON.parse(health.respond({ method: "GET", url: "/readyz" })!.body)).toMatchObject({ status: "healthy" });
  });

  it("runs also what has answered in this very millisecond, where no age is given", async () => {
    const { clock, health, one } = await start(pass());
    await clock.advance(0);
    for (const runs of [2, 3]) {
      const refreshed = health.refresh();
      await clock.advance(0);
      await refreshed;
      expect([one.runs.length, clock.now()]).toEqual([runs, 0]);
    }
  });

  it("joins a run that is under way instead of starting a second one", async () => {
    const { clock, health, one } = await start(delayed(500, pass()));
    await clock.advance(100);
    let done = false;
    const refreshed = Promise.all([health.refresh(), health.refresh()]).then(() => {
      done = true;
    });
    await clock.advance(399);
    expect(done).toBe(false);
    await clock.advance(1);
    await refreshed;
    expect(one.runs.length).toBe(1);
  });

  it("waits for a slot like everyone else, and resolves when the run that had to wait is over", async () => {
    const clock = new FakeClock();
    const slow = Array.from({ length: 4 }, () => scripted(delayed(100, pass())));
    const health = createHealth({ clock, concurrency: 1 });
    for (const [i, check] of slow.entries()) health.register(`c${i}`, check);
    await health.start();
    await clock.advance(1_000);
    const begun = clock.now();
    const refreshed = health.refresh().then(() => clock.now());
    await clock.advance(1_000);
    expect(await refreshed).toBe(begun + 400);
  });

  it("resolves with the timeout of a run that hangs", async () => {
    const { clock, health } = await start(hang);
    const refreshed = health.refresh();
    await clock.advance(2_000);
    expect((await refreshed).checks.one.errorType).toBe("timeout");
  });

  it("moves the next run of the schedule to an interval after its own", async () => {
    const { clock, health, one } = await start(pass());
    await clock.advance(6_000);
    const refreshed = health.refresh();
    await clock.advance(0);
    await refreshed;
    await clock.advance(20_000);
    expect(one.starts).toEqual([0, 6_000, 16_000, 26_000]);
  });

  it("resolves when a check is unregistered or everything is stopped meanwhile", async () => {
    const { clock, health } = await start(abortable(hang));
    let done = 0;
    const count = () => done++;
    void health.refresh().then(count);
    await settle();
    await health.unregister("one");
    await settle();
    expect(done).toBe(0);
    await health.stop();
    await settle();
    expect(done).toBe(1);
    await health.refresh();
    await clock.advance(60_000);
  });

  it("runs what a suspended process has missed, by true age", async () => {
    const { clock, health, two } = await start(pass());
    await clock.advance(5_000);
    clock.block(3_600_000);
    const refreshed = health.refresh({ maxAgeMs: 60_000 });
    await clock.advance(0);
    await refreshed;
    expect(two.starts.filter((startedAt) => startedAt > 3_600_000).length).toBe(1);
  });

  it("before the start runs each check once and schedules nothing", async () => {
    const clock = new FakeClock();
    let runs = 0;
    const health = createHealth({ clock, checks: { one: () => void runs++ } });
    await health.refresh();
    expect(health.checks.one.status).toBe("healthy");
    await clock.advance(60_000);
    expect(runs).toBe(1);
    await health.start();
    await clock.advance(0);
    expect(runs).toBe(2);
  });
});
