import { createHealth, heartbeat, push } from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import { describe, expect, it } from "vitest";

const hourMs = 3_600_000;

async function start() {
  const clock = new FakeClock();
  const health = createHealth({
    clock,
    checks: {
      database: () => new Promise<void>((resolve) => clock.setTimer(resolve, 5)),
      own: { run: () => {}, external: false, intervalMs: 1_000, probes: ["liveness"] },
      told: push({ staleAfterMs: 60_000 }),
      worker: heartbeat({ maxAgeMs: 3_000, probes: ["liveness"] }),
    },
  });
  await health.start();
  health.checks.told.pass();
  const beat = () => {
    health.checks.worker.beat();
    clock.setTimer(beat, 1_000);
  };
  beat();
  const states = () => Object.values(health.snapshot().checks).map(({ status }) => status);
  return { clock, health, states };
}

describe("a process that was suspended", () => {
  it("finds nothing unknown or unhealthy when it wakes after an hour, at whichever moment it fell asleep", async () => {
    for (let asleepAt = 0; asleepAt <= 12_000; asleepAt += 250) {
      const { clock, health, states } = await start();
      await clock.advance(10_000 + asleepAt);
      expect(states()).toEqual(["healthy", "healthy", "healthy", "healthy"]);
      const seen: string[] = [];
      health.on("transition", ({ type, state }) => void seen.push(`${type} ${state}`));
      clock.block(hourMs);
      await clock.advance(20_000);
      expect(seen).toEqual([]);
    }
  });

  it("takes no run to be longer for a gap that was over before it began", async () => {
    const { clock, health } = await start();
    await clock.advance(5);
    clock.block(hourMs);
    await clock.advance(10_005);
    expect(health.snapshot().checks.database).toMatchObject({ status: "healthy", durationMs: 5 });
  });

  it("has fresh grace for a failure that was on its way", async () => {
    const clock = new FakeClock();
    let down = false;
    const run = () => {
      if (down) throw new Error("down");
    };
    const health = createHealth({ clock, checks: { database: { run, failureThreshold: 2, gracePeriodMs: 10_000 } } });
    await health.start();
    await clock.advance(1_000);
    down = true;
    // Past the second failure: only the grace is missing.
    await clock.advance(13_000);
    expect(health.snapshot().checks.database).toMatchObject({ status: "healthy" });
    clock.block(hourMs);
    await clock.advance(0);
    expect(health.snapshot().checks.database.status).toBe("healthy");
    await clock.advance(15_000);
    expect(health.snapshot().checks.database.status).toBe("unhealthy");
  });

  it("still tells the true age of a result in wall time", async () => {
    const { clock, health } = await start();
    await clock.advance(12_000);
    const { checkedAt } = health.snapshot().checks.told;
    clock.block(hourMs);
    await clock.advance(1);
    expect(health.snapshot().checks.told.checkedAt).toBe(checkedAt);
    expect(clock.wallTime() - checkedAt!).toBeGreaterThan(hourMs);
  });

  it("runs what is overdue once when it wakes, and not once for each interval that it missed", async () => {
    const clock = new FakeClock();
    const starts: number[] = [];
    const run = () => void starts.push(clock.now());
    const health = createHealth({ clock, checks: { database: { run, jitter: 0 } } });
    await health.start();
    await clock.advance(15_000);
    clock.block(hourMs);
    await clock.advance(9_999);
    expect(starts.filter((at) => at > hourMs).length).toBe(1);
  });

  it("is in the duration of the run that it fell into, and in that run's lag", async () => {
    const clock = new FakeClock();
    const health = createHealth({ clock, checks: { blocking: () => clock.block(5_000) } });
    await health.start();
    await clock.advance(0);
    expect(health.checks.blocking.snapshot()).toMatchObject({ status: "healthy", durationMs: 5_000 });
  });
});
