import { createHealth, push } from "@otel-health/core";
import { FakeClock, settle } from "@otel-health/core/testing";
import { describe, expect, it } from "vitest";

async function start(options: { readonly warmUpMs?: number } = {}) {
  const clock = new FakeClock();
  const health = createHealth({ clock, ...options, checks: { one: push({ probes: ["readiness", "liveness"] }) } });
  health.checks.one.pass();
  await health.start();
  const verdicts = () => {
    const { startup, readiness, serving, liveness } = health.snapshot().probes;
    return [startup, readiness, serving, liveness].map(({ status }) => status);
  };
  return { clock, health, verdicts };
}

/** The moment at which a promise resolved. */
function momentOf(clock: FakeClock, promise: Promise<unknown>): () => number | undefined {
  let at: number | undefined;
  void promise.then(() => {
    at = clock.now();
  });
  return () => at;
}

describe("drain", () => {
  it("fails readiness and serving in the same turn, keeps liveness, and resolves after the delay", async () => {
    const { clock, health, verdicts } = await start();
    const drained = momentOf(clock, health.drain());
    expect(health.snapshot().lifecycle).toBe("draining");
    expect(verdicts()).toEqual(["healthy", "unhealthy", "unhealthy", "healthy"]);
    expect(health.respond({ method: "GET", url: "/readyz" })!.status).toBe(503);
    expect(health.respond({ method: "GET", url: "/livez" })!.status).toBe(200);
    await clock.advance(4_999);
    expect(drained()).toBeUndefined();
    await clock.advance(1);
    expect(drained()).toBe(5_000);
    expect(verdicts()).toEqual(["healthy", "unhealthy", "unhealthy", "healthy"]);
  });

  it("resolves at once without a delay", async () => {
    const { clock, health } = await start();
    await health.drain({ delayMs: 0 });
    expect(clock.now()).toBe(0);
  });

  it("flushes after the delay", async () => {
    const { clock, health } = await start();
    const flushed: number[] = [];
    const flush = async () => void flushed.push(clock.now());
    const drained = momentOf(clock, health.drain({ delayMs: 2_000, flush }));
    await clock.advance(10_000);
    expect(flushed).toEqual([2_000]);
    expect(drained()).toBe(2_000);
  });

  it("waits for a flush that hangs until the deadline, and no longer", async () => {
    const { clock, health } = await start();
    const drained = momentOf(
      clock,
      health.drain({ delayMs: 2_000, deadlineMs: 3_500, flush: () => new Promise(() => {}) }),
    );
    await clock.advance(3_499);
    expect(drained()).toBeUndefined();
    await clock.advance(1);
    expect(drained()).toBe(3_500);
  });

  it.each([
    [
      "throws",
      () => {
        throw new Error("no exporter");
      },
    ],
    ["rejects", () => Promise.reject(new Error("no exporter"))],
  ])("resolves all the same when the flush %s", async (_, flush) => {
    const { clock, health } = await start();
    const drained = momentOf(clock, health.drain({ delayMs: 100, flush }));
    await clock.advance(100);
    expect(drained()).toBe(100);
  });

  it("gives the same promise a second time, and flushes once", async () => {
    const { clock, health } = await start();
    let flushes = 0;
    const first = health.drain({ delayMs: 100, flush: () => void flushes++ });
    const second = health.drain({ delayMs: 50_000, flush: () => void flushes++ });
    expect(second).toBe(first);
    await clock.advance(100);
    await second;
    expect(flushes).toBe(1);
  });

  it("gives the same promise to a listener that hears of it and drains as well", async () => {
    const { clock, health } = await start();
    let flushes = 0;
    const flush = () => void flushes++;
    const promises = new Set<Promise<void>>();
    health.on("transition", () => void promises.add(health.drain({ delayMs: 1_000, flush })));
    promises.add(health.drain({ delayMs: 100, flush }));
    await clock.advance(10_000);
    expect([promises.size, flushes]).toEqual([1, 1]);
  });

  it("leaves no timer behind but the schedule's own", async () => {
    const { clock, health } = await start();
    const before = clock.armed;
    void health.drain({ delayMs: 100, flush: () => {} });
    await clock.advance(100);
    expect(clock.armed).toBe(before);
  });

  it("goes on running checks, so that liveness stays true to the end", async () => {
    const { clock, health, verdicts } = await start();
    void health.drain({ delayMs: 10_000 });
    await clock.advance(1_000);
    health.checks.one.fail("wedged");
    expect(verdicts()).toEqual(["healthy", "unhealthy", "unhealthy", "unhealthy"]);
  });
});

describe("retire", () => {
  it("degrades readiness and serving, which still pass, and nothing else", async () => {
    const { health, verdicts } = await start();
    health.retire();
    expect(health.snapshot().lifecycle).toBe("retiring");
    expect(verdicts()).toEqual(["healthy", "degraded", "degraded", "healthy"]);
    expect(health.respond({ method: "GET", url: "/readyz" })!.status).toBe(200);
    health.checks.one.fail("down");
    expect(verdicts()[1]).toBe("unhealthy");
  });

  it("does nothing before the process is ready and after it drains", async () => {
    const clock = new FakeClock();
    const health = createHealth({ clock });
    health.retire();
    expect(health.snapshot().lifecycle).toBe("starting");
    await health.start();
    void health.drain({ delayMs: 0 });
    health.retire();
    expect(health.snapshot().lifecycle).toBe("draining");
  });

  it("is followed by drain", async () => {
    const { health, verdicts } = await start();
    health.retire();
    void health.drain({ delayMs: 0 });
    expect(verdicts()).toEqual(["healthy", "unhealthy", "unhealthy", "healthy"]);
  });
});

describe("a warm-up", () => {
  it("keeps readiness and serving degraded for its time", async () => {
    const { clock, verdicts } = await start({ warmUpMs: 3_000 });
    expect(verdicts()).toEqual(["healthy", "degraded", "degraded", "healthy"]);
    await clock.advance(2_999);
    expect(verdicts()[1]).toBe("degraded");
    await clock.advance(1);
    expect(verdicts()).toEqual(["healthy", "healthy", "healthy", "healthy"]);
  });

  it("ends early when it is told to, and not again later", async () => {
    const { clock, health, verdicts } = await start({ warmUpMs: 3_000 });
    await clock.advance(1_000);
    health.warmedUp();
    expect(verdicts()[1]).toBe("healthy");
    const { version } = health.snapshot();
    await clock.advance(10_000);
    expect(health.snapshot().version).toBe(version);
  });

  it("of Infinity lasts until it is told to end", async () => {
    const { clock, health, verdicts } = await start({ warmUpMs: Number.POSITIVE_INFINITY });
    await clock.advance(3_600_000);
    expect(verdicts()[1]).toBe("degraded");
    health.warmedUp();
    expect(verdicts()[1]).toBe("healthy");
  });

  it("counts from being ready, not from start()", async () => {
    const clock = new FakeClock();
    const startup = { slow: () => new Promise<void>((done) => clock.setTimer(done, 10_000)) };
    const health = createHealth({ clock, warmUpMs: 3_000, startup });
    void health.start();
    await clock.advance(12_999);
    expect(health.snapshot().probes.readiness.status).toBe("degraded");
    await clock.advance(1);
    expect(health.snapshot().probes.readiness.status).toBe("healthy");
  });
});

describe("fatal", () => {
  it("fails liveness, readiness and serving for good, and leaves startup latched", async () => {
    const { clock, health, verdicts } = await start();
    health.fatal("heap is corrupt");
    expect(verdicts()).toEqual(["healthy", "unhealthy", "unhealthy", "unhealthy"]);
    health.checks.one.pass();
    await clock.advance(60_000);
    expect(verdicts()).toEqual(["healthy", "unhealthy", "unhealthy", "unhealthy"]);
    expect(health.respond({ method: "GET", url: "/livez" })!.status).toBe(503);
  });

  it("keeps its first reason, without credentials", async () => {
    const { health } = await start();
    health.fatal("lost postgres://user:secret@db/orders");
    health.fatal("and then this");
    expect(health.report("liveness").message).toBe("fatal since 2026-11-22T13:00:00Z: lost postgres://***@db/orders");
  });

  it("beats draining, and comes before anything has started", async () => {
    const clock = new FakeClock();
    const health = createHealth({ clock });
    health.fatal("broken");
    expect(health.snapshot().probes.liveness.status).toBe("unhealthy");
    void health.drain({ delayMs: 0 });
    await settle();
    expect(health.snapshot().probes.liveness.status).toBe("unhealthy");
  });
});
