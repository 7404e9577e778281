import { createHealth, heartbeat, pass, threshold } from "@otel-health/core";
import { delayed, FakeClock, hang, scripted } from "@otel-health/core/testing";
import { describe, expect, it } from "vitest";

describe("a hundred dependencies that hang", () => {
  it("do not delay a check of this process by a millisecond", async () => {
    const clock = new FakeClock();
    const measured: number[] = [];
    const ran: number[] = [];
    const health = createHealth({
      clock,
      concurrency: 4,
      checks: {
        worker: heartbeat({ maxAgeMs: 700 }),
        memory: threshold(() => measured.push(clock.now()), { failAbove: 1e6, intervalMs: 500, jitter: 0 }),
        own: { run: () => void ran.push(clock.now()), external: false, intervalMs: 300, timeoutMs: 100, jitter: 0 },
      },
    });
    for (let i = 0; i < 100; i++) health.register(`dependency-${i}`, hang);
    await health.start();
    for (let i = 0; i < 120; i++) {
      health.checks.worker.beat();
      await clock.advance(500);
    }
    expect(measured).toEqual(measured.map((_, i) => i * 500));
    expect(measured.length).toBe(121);
    expect(ran).toEqual(ran.map((_, i) => i * 300));
    expect(ran.length).toBe(201);
    for (const check of ["worker", "memory", "own"] as const) {
      expect(health.snapshot().checks[check].status).toBe("healthy");
    }
  });

  it("do not keep one that works from being run", async () => {
    const clock = new FakeClock();
    const working = scripted(delayed(5, pass()));
    const health = createHealth({ clock, concurrency: 4, checks: { working } });
    for (let i = 0; i < 100; i++) health.register(`dependency-${i}`, hang);
    await health.start();
    await clock.advance(600_000);
    // 100 hung runs of 2 s on 4 slots: 50 s for a round at most, and after three rounds they are given up.
    const pauses = working.starts.slice(1).map((startedAt, i) => startedAt - working.starts[i]!);
    expect(Math.max(...pauses)).toBeLessThan(62_000);
    expect(health.snapshot().checks.working.status).toBe("healthy");
    expect(pauses.slice(-10).every((pause) => pause < 10_100)).toBe(true);
  });

  it("and thousands that throw at once behind them are answered without a deep stack", async () => {
    const clock = new FakeClock();
    const health = createHealth({ clock, concurrency: 1, maxCheckNames: 10_000, checks: { hangs: hang } });
    const refuse = () => {
      throw new Error("down");
    };
    for (let i = 0; i < 5_000; i++) health.register(`dependency-${i}`, refuse);
    await health.start();
    await clock.advance(2_000);
    const answered = health.snapshot().entries.filter(({ consecutiveFailures }) => consecutiveFailures > 0);
    expect(answered.length).toBe(5_001);
  });

  it("take no more slots than there are", async () => {
    const clock = new FakeClock();
    const all = Array.from({ length: 100 }, () => scripted(hang));
    const health = createHealth({ clock });
    for (const [i, check] of all.entries()) health.register(`dependency-${i}`, check);
    await health.start();
    await clock.advance(1_999);
    expect(all.filter(({ runs }) => runs.length > 0).length).toBe(16);
    await clock.advance(1);
    expect(all.filter(({ runs }) => runs.length > 0).length).toBe(32);
  });
});
