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

  it("does not take the pass of a run that was under way through a suspension, and runs it once for all who ask", async () => {
    const clock = new FakeClock();
    const dependency = scripted(pass(), delayed(50, pass("from before")), new Error("down"));
    const health = createHealth({ clock, checks: { dependency: { ...dependency, jitter: 0 } } });
    await health.start();
    await clock.advance(10_020);
    expect(dependency.underWay).toBe(1);
    clock.block(3_600_000);
    const refreshed = [health.refresh(), health.refresh({ maxAgeMs: 60_000 })];
    await clock.advance(0);
    for (const { checks } of await Promise.all(refreshed))
      expect(checks.dependency).toMatchObject({ message: "down", checkedAt: clock.wallTime() });
    expect(dependency.runs.length).toBe(3);
  });

  it("nor where its pass came in before anyone asked", async () => {
    const clock = new FakeClock();
    const dependency = scripted(pass(), delayed(50, pass("from before")), new Error("down"));
    const health = createHealth({ clock, checks: { dependency: { ...dependency, jitter: 0 } } });
    await health.start();
    await clock.advance(10_020);
    clock.block(3_600_000);
    await clock.advance(0);
    expect(health.checks.dependency.snapshot().message).toBe("from before");
    const { checks } = await health.refresh({ maxAgeMs: 60_000 });
    expect(checks.dependency.message).toBe("down");
  });

  it("does not run a check again that timed out: that is no old news", async () => {
    const { clock, health, one } = await start(hang);
    await clock.advance(1_990);
    const refreshed = health.refresh();
    clock.block(30);
    await clock.advance(100);
    expect((await refreshed).checks.one).toMatchObject({ errorType: "timeout", durationMs: 2_040 });
    expect(one.runs.length).toBe(1);
  });

  it("runs what is too old by wall time, where monotonic time stood still with the process", async () => {
    let suspendedMs = 0;
    class StandingClock extends FakeClock {
      override wallTime() {
        return super.wallTime() + suspendedMs;
      }
    }
    const clock = new StandingClock();
    const dependency = scripted(pass(), new Error("down"));
    const health = createHealth({ clock, checks: { dependency } });
    await health.start();
    await clock.advance(1_000);
    suspendedMs = 3_600_000;
    const { checks } = await health.refresh({ maxAgeMs: 60_000 });
    expect(checks.dependency).toMatchObject({ message: "down", checkedAt: clock.wallTime() });
  });

  it("goes by monotonic time where the wall clock was set back", async () => {
    let setBackMs = 0;
    class WanderingClock extends FakeClock {
      override wallTime() {
        return super.wallTime() - setBackMs;
      }
    }
    const clock = new WanderingClock();
    const dependency = scripted(pass());
    const health = createHealth({ clock, checks: { dependency: { ...dependency, intervalMs: 600_000 } } });
    await health.start();
    await clock.advance(59_999);
    setBackMs = 3_600_000;
    await health.refresh({ maxAgeMs: 60_000 });
    expect(dependency.runs.length).toBe(1);
    await clock.advance(1);
    await health.refresh({ maxAgeMs: 60_000 });
    expect(dependency.runs.length).toBe(2);
  });

  it("runs while draining, and changes nothing about the drain", async () => {
    const { clock, health, one } = await start(pass());
    await clock.advance(0);
    const drained = health.drain({ delayMs: 1_000 });
    const { lifecycle, probes, checks } = await health.refresh();
    expect([lifecycle, probes.readiness.status, checks.one.status]).toEqual(["draining", "unhealthy", "healthy"]);
    expect(one.runs.length).toBe(2);
    await clock.advance(1_000);
    await drained;
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
