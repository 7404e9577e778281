import { createHealth, heartbeat } from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import { describe, expect, it } from "vitest";

async function start(maxAgeMs = 3_000) {
  const clock = new FakeClock();
  const health = createHealth({ clock, checks: { worker: heartbeat({ maxAgeMs, probes: ["liveness"] }) } });
  await health.start();
  const { worker } = health.checks;
  return { clock, health, worker };
}

describe("heartbeat", () => {
  it("is unknown until the first beat, and fails maxAgeMs after the start without one", async () => {
    const { clock, worker } = await start();
    await clock.advance(2_999);
    expect(worker.status).toBe("unknown");
    await clock.advance(1);
    expect(worker.snapshot()).toMatchObject({
      status: "unhealthy",
      errorType: "missed_beat",
      message: "no beat for 3000 ms, 0 since the start",
    });
  });

  it("is healthy from the first beat, and fails exactly maxAgeMs after the last", async () => {
    const { clock, worker } = await start();
    await clock.advance(1_000);
    worker.beat();
    expect(worker.status).toBe("healthy");
    await clock.advance(1_234);
    worker.beat();
    await clock.advance(2_999);
    expect(worker.status).toBe("healthy");
    await clock.advance(1);
    expect(worker.status).toBe("unhealthy");
    worker.beat();
    expect(worker.status).toBe("healthy");
    expect(worker.beats).toBe(3);
  });

  it("counts beats from before the start", async () => {
    const clock = new FakeClock();
    const health = createHealth({ clock, checks: { worker: heartbeat({ maxAgeMs: 3_000 }) } });
    health.checks.worker.beat();
    expect(health.checks.worker.status).toBe("unknown");
    await health.start();
    expect(health.checks.worker.status).toBe("healthy");
    await clock.advance(3_000);
    expect(health.checks.worker.status).toBe("unhealthy");
  });

  it("gives a worker its time again after the process was suspended, whenever it fell asleep", async () => {
    for (let asleepAt = 0; asleepAt < 6_000; asleepAt += 100) {
      const { clock, worker } = await start();
      worker.beat();
      for (let beaten = 0; beaten < asleepAt; beaten += 100) {
        await clock.advance(100);
        if (beaten % 1_000 === 0) worker.beat();
      }
      clock.block(3_600_000);
      // A worker that waits for a message beats when the timers of the first turn are over.
      await clock.advance(0);
      expect(worker.status).toBe("healthy");
      worker.beat();
      await clock.advance(2_999);
      expect(worker.status).toBe("healthy");
      await clock.advance(1);
      expect(worker.status).toBe("unhealthy");
    }
  });

  it("is healthy at the first beat also where that comes late because the process was suspended", async () => {
    const { clock, worker } = await start();
    await clock.advance(1_000);
    clock.block(3_600_000);
    await clock.advance(3_000);
    worker.beat();
    expect(worker.status).toBe("healthy");
  });

  it("fails after the process was suspended where nothing beats any more", async () => {
    const { clock, worker } = await start();
    worker.beat();
    await clock.advance(1_000);
    clock.block(3_600_000);
    await clock.advance(6_000);
    expect(worker.status).toBe("unhealthy");
  });

  it("fails in time on a loop that is always late", async () => {
    const { clock, worker } = await start();
    worker.beat();
    for (let i = 0; i < 30; i++) {
      clock.block(200);
      await clock.advance(1);
    }
    expect(worker.status).toBe("unhealthy");
  });
});
