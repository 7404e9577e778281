import { createHealth, heartbeat, pass, push, threshold } from "@otel-health/core";
import { abortable, delayed, FakeClock, hang, scripted, settle } from "@otel-health/core/testing";
import { describe, expect, it } from "vitest";

describe("stop", () => {
  it("leaves nothing running and no timer armed", async () => {
    const clock = new FakeClock();
    const seen: string[] = [];
    const quick = scripted(delayed(5, pass()));
    const health = createHealth({
      clock,
      warmUpMs: 60_000,
      checks: {
        quick,
        memory: threshold(() => seen.push("memory"), { failAbove: 1e9 }),
        worker: heartbeat({ maxAgeMs: 1_000 }),
        told: push({ staleAfterMs: 5_000 }),
      },
      startup: { retried: () => Promise.reject(new Error("not yet")) },
    });
    const started = health.start().catch((error: unknown) => error);
    await clock.advance(12_003);
    const ran = quick.runs.length;
    await health.stop();
    expect(clock.armed).toBe(0);
    seen.length = 0;
    health.on("transition", ({ type }) => void seen.push(type));
    health.checks.told.fail("late");
    health.checks.worker.beat();
    await clock.advance(600_000);
    expect(seen).toEqual([]);
    expect(quick.runs.length).toBe(ran);
    expect(clock.armed).toBe(0);
    expect(await started).toMatchObject({ code: "startup_aborted" });
  });

  it("aborts the runs under way and drops what they answer", async () => {
    const clock = new FakeClock();
    const slow = scripted(delayed(1_500, pass()));
    const health = createHealth({ clock, checks: { slow } });
    await health.start();
    await clock.advance(1_000);
    const stopped = health.stop();
    expect(slow.runs[0]!.abortedAt).toBe(1_000);
    await clock.advance(1_000);
    await stopped;
    expect(slow.runs[0]!.settledAt).toBe(1_500);
    expect(health.snapshot().checks.slow).toMatchObject({ status: "unknown", checkedAt: null });
  });

  it("resolves as soon as the runs have ended, and within a second where they do not", async () => {
    const clock = new FakeClock();
    const heeding = createHealth({ clock, checks: { slow: abortable(hang) } });
    await heeding.start();
    await clock.advance(0);
    await heeding.stop();
    expect(clock.now()).toBe(0);
    const hanging = createHealth({ clock, checks: { hangs: hang } });
    await hanging.start();
    await clock.advance(0);
    let stoppedAt: number | undefined;
    void hanging.stop().then(() => {
      stoppedAt = clock.now();
    });
    await clock.advance(999);
    expect(stoppedAt).toBeUndefined();
    await clock.advance(1);
    expect(stoppedAt).toBe(1_000);
    expect(clock.armed).toBe(0);
  });

  it("does not wait for runs that were given up long ago", async () => {
    const clock = new FakeClock();
    const health = createHealth({ clock, checks: { hangs: hang } });
    await health.start();
    await clock.advance(60_000);
    await health.stop();
    expect(clock.now()).toBe(60_000);
  });

  it("starts none of the runs that wait for a slot", async () => {
    const clock = new FakeClock();
    const all = Array.from({ length: 5 }, () => scripted(abortable(hang)));
    const health = createHealth({ clock, concurrency: 1 });
    for (const [i, check] of all.entries()) health.register(`c${i}`, check);
    await health.start();
    await clock.advance(0);
    await health.stop();
    await clock.advance(60_000);
    expect(all.map(({ runs }) => runs.length)).toEqual([1, 0, 0, 0, 0]);
  });

  it("gives the same promise again, also to a listener that calls it", async () => {
    const clock = new FakeClock();
    const health = createHealth({ clock, checks: { one: push() } });
    await health.start();
    const promises = new Set<Promise<void>>();
    health.checks.one.pass();
    health.on("transition", () => void promises.add(health.stop()));
    promises.add(health.stop());
    await settle();
    promises.add(health.stop());
    expect(promises.size).toBe(1);
    await Promise.all(promises);
  });

  it("cuts the delay of a drain short, which still flushes", async () => {
    const clock = new FakeClock();
    const health = createHealth({ clock });
    await health.start();
    let flushes = 0;
    const drained = health.drain({ delayMs: 60_000, flush: () => void flushes++ });
    await health.stop();
    await drained;
    expect([clock.now(), clock.armed, flushes]).toEqual([0, 0, 1]);
  });

  it("leaves the last answers readable: readiness 503, liveness as it was", async () => {
    const clock = new FakeClock();
    const health = createHealth({ clock });
    await health.start();
    health.respond({ method: "GET", url: "/readyz" });
    await health.stop();
    expect(health.respond({ method: "GET", url: "/readyz" })!.status).toBe(503);
    expect(health.respond({ method: "GET", url: "/livez" })!.status).toBe(200);
    expect(health.snapshot().lifecycle).toBe("stopped");
    expect(health.report("readiness")).toMatchObject({ message: "stopped", nextCheckAt: null });
  });

  it("refuses registrations from then on", async () => {
    const health = createHealth({ clock: new FakeClock() });
    await health.stop();
    expect(() => health.register("late", () => {})).toThrow(expect.objectContaining({ code: "stopped" }));
  });

  it("comes by itself at the end of `await using`", async () => {
    const clock = new FakeClock();
    let outer: { snapshot(): { readonly lifecycle: string } };
    {
      await using health = createHealth({ clock, checks: { one: () => {} } });
      outer = health;
      await health.start();
      await clock.advance(100);
    }
    expect(outer.snapshot().lifecycle).toBe("stopped");
    expect(clock.armed).toBe(0);
  });
});
