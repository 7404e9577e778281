import { createHealth, isHealthError } from "@otel-health/core";
import { FakeClock, recordTransitions, settle } from "@otel-health/core/testing";
import { type ThreadHeartbeatOptions, threadHeartbeat } from "@otel-health/watchdog";
import { beatThrough } from "@otel-health/watchdog/beat";
import { describe, expect, it } from "vitest";

/** Its time is not zero, at which nobody can have beaten. */
function newClock(clock = new FakeClock()): FakeClock {
  clock.block(1);
  return clock;
}

/** A heartbeat with a thread that is this one. */
function make({ clock = newClock(), ...options }: Partial<ThreadHeartbeatOptions> & { clock?: FakeClock } = {}) {
  const { check, buffer } = threadHeartbeat({ maxAgeMs: 3_000, clock, ...options });
  const health = createHealth({ clock, checks: { worker: check } });
  const beat = beatThrough(buffer, { now: () => BigInt(Math.round(clock.now() * 1_000_000)) });
  const { worker } = health.checks;
  return { clock, health, worker, beat, buffer };
}

describe("threadHeartbeat", () => {
  it("is unknown until the first beat, and fails maxAgeMs after the start without one", async () => {
    const { clock, health, worker } = make();
    await health.start();
    await clock.advance(2_999);
    expect(worker.status).toBe("unknown");
    await clock.advance(1);
    expect(worker.snapshot()).toMatchObject({
      status: "unhealthy",
      errorType: "missed_beat",
      message: "no beat since 2026-11-22T13:00:00Z, 0 so far",
      hint: "the thread is blocked, waits for something that does not come, or has ended",
    });
  });

  it("is healthy as soon as it is beaten, fails exactly maxAgeMs after the last beat, and is healthy at the next", async () => {
    const { clock, health, worker, beat } = make();
    await health.start();
    await clock.advance(1_000);
    beat();
    await clock.advance(0);
    expect(worker.status).toBe("healthy");
    for (let i = 0; i < 7; i++) {
      await clock.advance(1_234);
      beat();
    }
    await clock.advance(2_999);
    expect(worker.status).toBe("healthy");
    await clock.advance(1);
    expect(worker.snapshot()).toMatchObject({ message: "no beat since 2026-11-22T13:00:09Z, 8 so far" });
    await clock.advance(60_000);
    expect(worker.status).toBe("unhealthy");
    beat();
    // A check that hears of news is run at most ten times a second.
    await clock.advance(100);
    expect(worker.status).toBe("healthy");
  });

  it("misses no beat that comes while it begins to wait for one", async () => {
    let between = () => {};
    class Racing extends FakeClock {
      // What happens between the look and the wait for what follows.
      override clearTimer(timer: object): void {
        between();
        super.clearTimer(timer);
      }
    }
    const clock = newClock(new Racing());
    const { health, worker, beat } = make({ clock });
    await health.start();
    beat();
    await clock.advance(2_999);
    between = () => {
      between = () => {};
      if (clock.now() > 3_000) beat();
    };
    await clock.advance(102);
    expect([worker.status, clock.now()]).toEqual(["healthy", 3_102]);
  });

  it("counts beats from before the start, and the silence from it", async () => {
    const { clock, health, worker, beat } = make();
    beat();
    await clock.advance(60_000);
    expect(worker.status).toBe("unknown");
    await health.start();
    await clock.advance(0);
    expect(worker.status).toBe("healthy");
    await clock.advance(2_999);
    expect(worker.status).toBe("healthy");
    await clock.advance(1);
    expect(worker.status).toBe("unhealthy");
  });

  it("says so where it is asked before there was a beat", async () => {
    const { health, worker } = make();
    await health.refresh();
    expect(worker.snapshot()).toMatchObject({ status: "degraded", message: "no beat yet" });
  });

  it("gives a thread its time again after the process was suspended, whenever it fell asleep", async () => {
    for (let asleepAt = 0; asleepAt < 6_000; asleepAt += 100) {
      const { clock, health, worker, beat } = make();
      await health.start();
      beat();
      for (let beaten = 0; beaten < asleepAt; beaten += 100) {
        await clock.advance(100);
        if (beaten % 1_000 === 0) beat();
      }
      clock.block(3_600_000);
      await clock.advance(100);
      expect(worker.status, `asleep at ${asleepAt}`).toBe("healthy");
      beat();
      await clock.advance(2_800);
      expect(worker.status).toBe("healthy");
      await clock.advance(6_000);
      expect(worker.status).toBe("unhealthy");
    }
  });

  it("does not blame the thread for a main thread that was blocked while it went on beating", async () => {
    const { clock, health, beat } = make();
    const transitions = recordTransitions(health);
    await health.start();
    for (let blocked = 0; blocked < 100; blocked++) {
      for (let i = 0; i < 5; i++) {
        beat();
        clock.block(2_000);
      }
      await clock.advance(1);
    }
    expect(transitions.statesOf("worker")).toEqual(["unknown", "healthy"]);
  });

  it("fails in time on a loop that is always late", async () => {
    const { clock, health, worker, beat } = make();
    await health.start();
    beat();
    for (let i = 0; i < 40; i++) {
      clock.block(200);
      await clock.advance(1);
    }
    expect(worker.status).toBe("unhealthy");
  });

  it("may count for liveness, and says what it is told to", async () => {
    const { clock, health, worker } = make({ probes: ["liveness"], hint: "look at the queue", critical: true });
    await health.start();
    expect(health.verdict("liveness")).toBe("healthy");
    await clock.advance(3_000);
    expect(health.verdict("liveness")).toBe("unhealthy");
    expect(worker.snapshot().hint).toBe("look at the queue");
  });

  it("leaves nothing behind when the health object is stopped, and can be listened to by another one", async () => {
    const clock = newClock();
    const { check, buffer } = threadHeartbeat({ maxAgeMs: 3_000, clock });
    const beat = beatThrough(buffer, { now: () => BigInt(clock.now() * 1_000_000) });
    for (let life = 0; life < 3; life++) {
      const health = createHealth({ clock, checks: { worker: check } });
      await health.start();
      beat();
      await clock.advance(1);
      expect(health.checks.worker.status).toBe("healthy");
      await health.stop();
      await settle();
      expect(clock.armed).toBe(0);
      await clock.advance(60_000);
    }
  });
});

describe("the options of threadHeartbeat", () => {
  it.each<[object | null, string]>([
    [null, "the options of threadHeartbeat() must be an object, got null"],
    [{}, "maxAgeMs of threadHeartbeat() must be milliseconds from 1 to 2147483647, got undefined"],
    [{ maxAgeMs: 0 }, "maxAgeMs of threadHeartbeat() must be milliseconds from 1 to 2147483647, got 0"],
    [{ maxAgeMs: 1, clock: {} }, "clock of threadHeartbeat() must be a Clock, got an object"],
    [{ maxAgeMs: 1, critical: 5 }, "critical of threadHeartbeat() must be true or false, got 5"],
    [
      { maxAgeMs: 1, intervalMs: 5 },
      'an option of threadHeartbeat() must be one of maxAgeMs, clock, critical, probes, hint, dependsOn and persistentAfterMs, got "intervalMs"',
    ],
  ])("are refused where they cannot be meant: %j", (options, message) => {
    expect(() => threadHeartbeat(options as ThreadHeartbeatOptions)).toThrow(
      expect.objectContaining({ code: "invalid_option", message }),
    );
  });
});

describe("beatThrough", () => {
  const made = "the buffer of a heartbeat that this version of @otel-health/watchdog made, got another one";
  it.each<[string, unknown, string]>([
    ["nothing", undefined, "a SharedArrayBuffer, got undefined"],
    ["null", null, "a SharedArrayBuffer, got null"],
    ["an ArrayBuffer", new ArrayBuffer(32), "a SharedArrayBuffer, got object"],
    ["the heartbeat itself", threadHeartbeat({ maxAgeMs: 1 }), "a SharedArrayBuffer, got object"],
    ["memory of another size", new SharedArrayBuffer(8), made],
    ["memory of the right size", new SharedArrayBuffer(32), made],
  ])("refuses %s", (_what, buffer, must) => {
    try {
      beatThrough(buffer as SharedArrayBuffer);
      expect.unreachable();
    } catch (error) {
      expect(isHealthError(error) && error.code).toBe("invalid_option");
      expect(error).toMatchObject({
        message: `buffer of beatThrough() must be ${must}; hand over the buffer of threadHeartbeat() as workerData`,
      });
    }
  });
});
