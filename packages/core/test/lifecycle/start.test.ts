import { createHealth, fail, heartbeat, isHealthError, push } from "@otel-health/core";
import { FakeClock, settle } from "@otel-health/core/testing";
import { describe, expect, it } from "vitest";

/** What a promise has come to so far. */
function watch(promise: Promise<unknown>): () => unknown {
  let outcome: unknown = "pending";
  promise.then(
    () => {
      outcome = "resolved";
    },
    (error) => {
      outcome = isHealthError(error) ? error.code : error;
    },
  );
  return () => outcome;
}

describe("start", () => {
  it("resolves at once where there is nothing to wait for, and readiness waits for the checks all the same", async () => {
    const clock = new FakeClock();
    const health = createHealth({
      clock,
      checks: { slow: () => new Promise<void>((done) => clock.setTimer(done, 100)) },
    });
    await health.start();
    expect(health.snapshot()).toMatchObject({
      lifecycle: "ready",
      probes: { startup: { status: "healthy" }, readiness: { status: "unhealthy" }, liveness: { status: "healthy" } },
    });
    await clock.advance(100);
    expect(health.snapshot().probes.readiness.status).toBe("healthy");
  });

  it("makes a process without checks ready", async () => {
    const health = createHealth({ clock: new FakeClock() });
    const before = health.snapshot();
    expect(before.lifecycle).toBe("starting");
    expect([before.probes.readiness.status, before.probes.startup.status]).toEqual(["unhealthy", "unhealthy"]);
    expect(before.probes.liveness.status).toBe("healthy");
    await health.start();
    const { probes } = health.snapshot();
    expect([probes.startup, probes.readiness, probes.serving, probes.liveness].map(({ status }) => status)).toEqual([
      "healthy",
      "healthy",
      "healthy",
      "healthy",
    ]);
  });

  it("gives the same promise when it is called again, and runs nothing twice", async () => {
    const clock = new FakeClock();
    let runs = 0;
    const health = createHealth({ clock, checks: { one: () => void runs++ }, startup: { task: () => void runs++ } });
    const first = health.start();
    expect(health.start()).toBe(first);
    await first;
    expect(health.start()).toBe(first);
    await clock.advance(1_000);
    expect(runs).toBe(2);
  });

  it("gives the same promise to a listener that hears of the first state and starts as well", async () => {
    const clock = new FakeClock();
    const checks = { worker: heartbeat({ maxAgeMs: 1_000 }), wait: push({ probes: ["startup"] }) };
    const health = createHealth({ clock, checks });
    health.checks.worker.beat();
    const promises = new Set<Promise<void>>();
    health.on("transition", () => void promises.add(health.start()));
    promises.add(health.start());
    health.checks.wait.pass();
    await Promise.all(promises);
    expect(promises.size).toBe(1);
    expect(health.snapshot().lifecycle).toBe("ready");
  });

  it.each(["drain", "stop"] as const)("rejects when a listener calls %s() at the first state of all", async (end) => {
    const clock = new FakeClock();
    let began = false;
    const task = () => {
      began = true;
    };
    const health = createHealth({ clock, checks: { worker: heartbeat({ maxAgeMs: 1_000 }) }, startup: { task } });
    health.checks.worker.beat();
    health.on("transition", () => void health[end]());
    await expect(health.start()).rejects.toMatchObject({ code: "startup_aborted" });
    await clock.advance(10_000);
    expect([began, health.snapshot().lifecycle]).toEqual([false, end === "drain" ? "draining" : "stopped"]);
  });

  it("runs nothing before it is called", async () => {
    const clock = new FakeClock();
    let runs = 0;
    createHealth({ clock, checks: { one: () => void runs++ }, startup: { task: () => void runs++ } });
    await clock.advance(60_000);
    expect(runs).toBe(0);
  });

  it("waits until every critical startup check is healthy or degraded", async () => {
    const clock = new FakeClock();
    const checks = { one: push({ probes: ["startup"] }), two: push({ probes: ["startup", "readiness"] }) };
    const health = createHealth({ clock, checks });
    const started = watch(health.start());
    health.checks.one.pass();
    health.checks.two.fail("not yet");
    await settle();
    expect(started()).toBe("pending");
    expect(health.snapshot()).toMatchObject({ lifecycle: "starting", probes: { startup: { status: "unhealthy" } } });
    health.checks.two.warn("good enough");
    await settle();
    expect(started()).toBe("resolved");
    expect(health.snapshot().lifecycle).toBe("ready");
    health.checks.two.fail("broken again");
    expect(health.snapshot().probes.startup.status).toBe("healthy");
  });

  it("does not wait for an optional startup check", async () => {
    const clock = new FakeClock();
    const checks = {
      cache: push({ probes: ["startup"], critical: false }),
      database: push({ probes: ["startup"] }),
    };
    const health = createHealth({ clock, checks });
    const started = watch(health.start());
    health.checks.cache.fail("down", { fault: "fatal" });
    expect(health.report("startup").message).toBe("starting: waiting for database");
    health.checks.database.pass();
    await settle();
    expect(started()).toBe("resolved");
  });

  it("goes on when the startup check that it waited for is unregistered", async () => {
    const clock = new FakeClock();
    const health = createHealth({ clock, checks: { one: push({ probes: ["startup"] }) } });
    const started = watch(health.start());
    await health.unregister("one");
    await settle();
    expect(started()).toBe("resolved");
    expect(health.snapshot().lifecycle).toBe("ready");
  });

  it("waits for a startup check that is registered while it waits", async () => {
    const clock = new FakeClock();
    const health = createHealth({ clock, checks: { one: push({ probes: ["startup"] }) } });
    const started = watch(health.start());
    const two = health.register("two", push({ probes: ["startup"] }));
    health.checks.one.pass();
    await settle();
    expect(started()).toBe("pending");
    two.pass();
    await settle();
    expect(started()).toBe("resolved");
  });

  it("rejects with startup_failed at a fatal fault of a startup check, at its first answer", async () => {
    const clock = new FakeClock();
    const run = () => fail("wrong database", { fault: "fatal" });
    const health = createHealth({ clock, checks: { database: { run, probes: ["startup", "readiness"] } } });
    const started = health.start().catch((error: unknown) => error);
    await clock.advance(0);
    const error = await started;
    expect(isHealthError(error) && error.code).toBe("startup_failed");
    expect(String(error)).toContain("database: wrong database");
    const { lifecycle, probes } = health.snapshot();
    expect(lifecycle).toBe("failed");
    expect([probes.startup.status, probes.readiness.status, probes.serving.status]).toEqual([
      "unhealthy",
      "unhealthy",
      "unhealthy",
    ]);
    expect(probes.liveness.status).toBe("healthy");
  });

  it("makes a check unhealthy at its first fatal fault while starting, and by the thresholds afterwards", async () => {
    const clock = new FakeClock();
    let up = true;
    const run = () => (up ? undefined : fail("bad credentials", { fault: "fatal" }));
    const wait = push({ probes: ["startup"] });
    const early = createHealth({ clock, checks: { database: { run: () => fail("no", { fault: "fatal" }) }, wait } });
    void early.start();
    await clock.advance(0);
    expect(early.snapshot().checks.database.status).toBe("unhealthy");
    const late = createHealth({ clock, checks: { database: run } });
    await late.start();
    await clock.advance(0);
    up = false;
    await clock.advance(10_000);
    expect(late.snapshot().checks.database).toMatchObject({
      status: "healthy",
      fault: "fatal",
      consecutiveFailures: 1,
    });
  });

  it("keeps the process alive while it waits, and not afterwards", async () => {
    const clock = new FakeClock();
    const asked: boolean[] = [];
    const watched = Object.assign(clock, {
      setTimer(callback: () => void, delayMs: number, keepAlive: boolean) {
        asked.push(keepAlive);
        return FakeClock.prototype.setTimer.call(clock, callback, delayMs);
      },
    });
    let up = false;
    const task = () => {
      if (!up) throw new Error("not yet");
    };
    const health = createHealth({ clock: watched, startup: { task } });
    const started = health.start();
    await clock.advance(100);
    expect(asked.at(-1)).toBe(true);
    up = true;
    await clock.advance(2_000);
    await started;
    expect(asked.at(-1)).toBe(false);
  });

  it("stays pending when a drain comes first that says that the process exits", async () => {
    const clock = new FakeClock();
    const health = createHealth({ clock, startup: { never: () => new Promise(() => {}) } });
    const started = watch(health.start());
    const drained = health.drain({ delayMs: 100, exiting: true });
    await clock.advance(60_000);
    await drained;
    await health.stop();
    await clock.advance(60_000);
    expect(started()).toBe("pending");
  });

  it.each(["drain", "stop"] as const)("rejects with startup_aborted when %s() comes first", async (end) => {
    const clock = new FakeClock();
    let aborted: unknown;
    const migrate = ({ signal }: { readonly signal: AbortSignal }) =>
      new Promise<void>((_, reject) => {
        signal.addEventListener("abort", () => {
          aborted = signal.reason;
          reject(signal.reason);
        });
      });
    const health = createHealth({ clock, startup: { migrate, never: { run: () => {}, after: ["migrate"] } } });
    const started = watch(health.start());
    await settle();
    const ended = health[end]();
    await clock.advance(60_000);
    await ended;
    expect(started()).toBe("startup_aborted");
    expect(aborted).toMatchObject({ name: "AbortError" });
    expect(health.snapshot()).toMatchObject({
      lifecycle: end === "drain" ? "draining" : "stopped",
      probes: { startup: { status: "unhealthy" }, readiness: { status: "unhealthy" }, liveness: { status: "healthy" } },
    });
  });

  it.each(["drain", "stop"] as const)("rejects with stopped after %s()", async (end) => {
    const clock = new FakeClock();
    const health = createHealth({ clock });
    void health[end]();
    await expect(health.start()).rejects.toMatchObject({ code: "stopped" });
  });
});
