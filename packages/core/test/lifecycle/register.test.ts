import { createHealth, fail, gate, pass, push } from "@otel-health/core";
import { abortable, delayed, FakeClock, hang, scripted, settle } from "@otel-health/core/testing";
import { describe, expect, it } from "vitest";

async function ready() {
  const clock = new FakeClock();
  const health = createHealth({ clock });
  await health.start();
  return { clock, health, readiness: () => health.snapshot().probes.readiness.status };
}

describe("register", () => {
  it("runs a check that comes after the start at once", async () => {
    const { clock, health } = await ready();
    await clock.advance(5_000);
    const late = scripted(pass());
    const handle = health.register("late", late);
    await clock.advance(0);
    expect(late.starts).toEqual([5_000]);
    expect(handle.status).toBe("healthy");
  });

  it("does not let a check that comes when the process is ready count before it has a state", async () => {
    const { clock, health, readiness } = await ready();
    let up = false;
    const run = () => (up ? undefined : fail("down"));
    const late = health.register("late", { run, successThreshold: 2, intervalMs: 1_000, failureThreshold: 2 });
    expect(readiness()).toBe("healthy");
    await clock.advance(0);
    expect(late.snapshot()).toMatchObject({ status: "unknown", consecutiveFailures: 1, votes: {} });
    expect(readiness()).toBe("healthy");
    await clock.advance(2_000);
    expect([late.status, readiness()]).toEqual(["unhealthy", "unhealthy"]);
    up = true;
    await clock.advance(5_000);
    expect([late.status, readiness()]).toEqual(["healthy", "healthy"]);
  });

  it("lets it count from its first state on, also when that is forgotten again", async () => {
    const { clock, health, readiness } = await ready();
    const late = health.register("late", push({ staleAfterMs: 1_000 }));
    expect(readiness()).toBe("healthy");
    late.pass();
    await clock.advance(1_000);
    expect([late.status, readiness()]).toEqual(["unknown", "unhealthy"]);
  });

  it("lets a check that comes before the process is ready count from the beginning", async () => {
    const clock = new FakeClock();
    const health = createHealth({ clock, checks: { wait: push({ probes: ["startup"] }) } });
    void health.start();
    const early = health.register("early", push());
    health.checks.wait.pass();
    await settle();
    expect(health.snapshot()).toMatchObject({ lifecycle: "ready", probes: { readiness: { status: "unhealthy" } } });
    early.pass();
    expect(health.snapshot().probes.readiness.status).toBe("healthy");
  });

  it("closes readiness with a gate that is closed from the beginning", async () => {
    const { health, readiness } = await ready();
    const maintenance = health.register("maintenance", gate({ open: false }));
    expect([readiness(), maintenance.isOpen]).toEqual(["unhealthy", false]);
    maintenance.open();
    expect([readiness(), maintenance.isOpen]).toEqual(["healthy", true]);
    maintenance.close("upgrade");
    expect(maintenance.snapshot()).toMatchObject({ message: "upgrade", errorType: "gate_closed" });
  });

  it("is validated like the checks that createHealth takes", async () => {
    const { health } = await ready();
    expect(() => health.register("Late", () => {})).toThrow(expect.objectContaining({ code: "invalid_name" }));
    health.register("late", () => {});
    expect(() => health.register("late", () => {})).toThrow(expect.objectContaining({ code: "duplicate_name" }));
  });
});

describe("unregister", () => {
  it("takes a check out of its probes at once, and says whether there was one", async () => {
    const { health, readiness } = await ready();
    const late = health.register("late", push());
    late.fail("down");
    expect(readiness()).toBe("unhealthy");
    const unregistered = health.unregister("late");
    expect(readiness()).toBe("healthy");
    expect(health.snapshot().checks).toEqual({});
    expect(await unregistered).toBe(true);
    expect(await health.unregister("late")).toBe(false);
  });

  it("aborts a run under way, resolves when it has ended, and drops its answer", async () => {
    const { clock, health } = await ready();
    const slow = scripted(delayed(700, fail("down")));
    const handle = health.register("slow", slow);
    await clock.advance(100);
    let done = false;
    void handle.unregister().then(() => {
      done = true;
    });
    expect(slow.runs[0]!.abortedAt).toBe(100);
    await clock.advance(599);
    expect(done).toBe(false);
    await clock.advance(1);
    expect(done).toBe(true);
    await clock.advance(60_000);
    expect(slow.runs.length).toBe(1);
  });

  it("waits at most a second for a run that ignores its signal, and not at all for one that was given up", async () => {
    const { clock, health } = await ready();
    health.register("hangs", hang);
    await clock.advance(100);
    let doneAt: number | undefined;
    void health.unregister("hangs").then(() => {
      doneAt = clock.now();
    });
    await clock.advance(2_000);
    expect(doneAt).toBe(1_100);
    health.register("hung", hang);
    await clock.advance(60_000);
    expect(await health.unregister("hung")).toBe(true);
  });

  it("gives its slot to the next in line", async () => {
    const clock = new FakeClock();
    const [one, two] = [scripted(hang), scripted(pass())];
    const health = createHealth({ clock, concurrency: 1, checks: { one, two } });
    await health.start();
    await clock.advance(0);
    expect(two.runs.length).toBe(0);
    void health.unregister("one");
    await clock.advance(0);
    expect(health.snapshot().checks.two.status).toBe("healthy");
  });

  it("can be done by a check from within its own run, which gives its slot back", async () => {
    const clock = new FakeClock();
    const health = createHealth({ clock, concurrency: 1, checks: { other: { run: () => {}, initialDelayMs: 10 } } });
    health.register("last", () => void health.unregister("last"));
    await health.start();
    await clock.advance(0);
    expect(Object.keys(health.snapshot().checks)).toEqual(["other"]);
    await clock.advance(10);
    expect(health.snapshot().checks.other.status).toBe("healthy");
  });

  it("never runs a check that was waiting for a slot", async () => {
    const clock = new FakeClock();
    const [one, two] = [scripted(abortable(hang)), scripted(pass())];
    const health = createHealth({ clock, concurrency: 1, checks: { one, two } });
    await health.start();
    await clock.advance(0);
    expect(await health.unregister("two")).toBe(true);
    await clock.advance(60_000);
    expect(two.runs.length).toBe(0);
  });

  it("lets the name be used again, with nothing left of the check before", async () => {
    const { clock, health, readiness } = await ready();
    const first = health.register("late", push());
    first.fail("down");
    await first.unregister();
    const second = health.register("late", push());
    expect(second.snapshot()).toMatchObject({ status: "unknown", consecutiveFailures: 0, incidentId: null });
    first.fail("from the grave");
    await first.unregister();
    expect([second.status, readiness()]).toEqual(["unknown", "healthy"]);
    expect(Object.keys(health.snapshot().checks)).toEqual(["late"]);
    second.pass();
    await clock.advance(0);
    expect(second.status).toBe("healthy");
  });

  it("can be done by a listener that hears of the check's own transition", async () => {
    const { health, readiness } = await ready();
    const late = health.register("late", push());
    health.on("transition", (transition) => {
      if (transition.type === "check" && transition.state === "unhealthy") void late.unregister();
    });
    late.fail("down");
    expect([readiness(), Object.keys(health.snapshot().checks)]).toEqual(["healthy", []]);
    await settle();
  });
});

describe("two health objects", () => {
  it("share nothing", async () => {
    const clock = new FakeClock();
    const make = () => createHealth({ clock, checks: { one: push() }, maxCheckNames: 1 });
    const [left, right] = [make(), make()];
    await Promise.all([left.start(), right.start()]);
    const heard: string[] = [];
    right.on("transition", ({ type }) => void heard.push(type));
    left.checks.one.fail("down");
    left.respond({ method: "GET", url: "/readyz" });
    left.fatal("broken");
    await left.stop();
    expect(heard).toEqual([]);
    right.checks.one.pass();
    expect(right.snapshot()).toMatchObject({
      lifecycle: "ready",
      probes: { readiness: { status: "healthy" }, liveness: { status: "healthy" } },
    });
  });
});
