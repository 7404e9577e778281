import { createHealth, gate, push } from "@otel-health/core";
import { FakeClock, settle } from "@otel-health/core/testing";
import { describe, expect, it } from "vitest";

describe('on("change")', () => {
  it("is told of checks, gates and the lifecycle, once every view shows it", async () => {
    const clock = new FakeClock();
    const health = createHealth({ clock, checks: { database: push(), maintenance: gate() } });
    const seen: string[] = [];
    const off = health.on("change", () => {
      const { lifecycle, probes } = health.snapshot();
      seen.push(`${lifecycle} ${probes.readiness.status} ${health.respond({ method: "GET", url: "/readyz" })?.status}`);
    });
    await health.start();
    health.checks.database.pass();
    health.checks.database.fail("gone");
    health.checks.maintenance.close("upgrade");
    seen.length = 0;
    health.checks.database.pass();
    health.checks.maintenance.open();
    expect(seen).toEqual(["ready unhealthy 503", "ready healthy 200"]);
    seen.length = 0;
    void health.drain();
    // Readiness cannot get worse by it, and still the lifecycle has changed.
    await health.stop();
    expect(seen).toEqual(["draining unhealthy 503", "stopped unhealthy 503"]);
    off();
  });

  it("is not told of runs that change nothing", async () => {
    const clock = new FakeClock();
    const health = createHealth({ clock, checks: { one: () => {} } });
    await health.start();
    await clock.advance(60_000);
    let told = 0;
    health.on("change", () => void told++);
    await clock.advance(60_000);
    expect(health.snapshot().checks.one.status).toBe("healthy");
    expect(told).toBe(0);
    await health.stop();
  });

  it("does not wait for a cause, which the transition does", async () => {
    const clock = new FakeClock();
    let up = true;
    const hangs = () => (up ? undefined : new Promise<void>(() => {}));
    const health = createHealth({
      clock,
      checks: { network: { run: hangs, timeoutMs: 5_000 }, database: push({ dependsOn: ["network"] }) },
    });
    await health.start();
    health.checks.database.pass();
    await clock.advance(5_000);
    const told: string[] = [];
    health.on("change", () => void told.push(`change: ${health.snapshot().checks.database.status}`));
    health.on("transition", (transition) => {
      if (transition.type === "check" && transition.name === "database") told.push("transition");
    });
    up = false;
    // The network is asked, and does not answer yet.
    await clock.advance(11_000);
    health.checks.database.fail("gone");
    expect(told).toEqual(["change: unhealthy"]);
    await clock.advance(10_000);
    expect(told).toContain("transition");
    const stopped = health.stop();
    await clock.advance(1_000);
    await stopped;
  });

  it("survives a listener that throws, rejects or takes itself off, and tells the others", async () => {
    const health = createHealth({ clock: new FakeClock(), checks: { database: push() } });
    await health.start();
    let told = 0;
    health.on("change", () => {
      throw new Error("mine");
    });
    health.on("change", (() => Promise.reject(new Error("mine"))) as () => void);
    const off = health.on("change", () => off());
    health.on("change", () => void told++);
    health.checks.database.pass();
    expect(told).toBe(1);
    await settle();
    await health.stop();
  });

  it("refuses what is no event and no listener", () => {
    const health = createHealth();
    expect(() => health.on("changes" as "change", () => {})).toThrow(/^event of on\(\) .* "transition", "change"/);
    expect(() => health.on("change", "log" as never)).toThrow(/^listener of on\(\) must be a function, got "log"$/);
  });
});

describe("verdict", () => {
  it("is that of the snapshot, for probes and groups", async () => {
    const health = createHealth({
      clock: new FakeClock(),
      checks: { one: push(), two: push() },
      groups: { pay: { checks: ["two"] } },
    });
    await health.start();
    health.checks.one.fail("gone");
    health.checks.two.pass();
    expect([health.verdict("readiness"), health.verdict("liveness"), health.verdict("pay")]).toEqual([
      "unhealthy",
      "healthy",
      "healthy",
    ]);
    await health.stop();
  });

  it("over some of the checks minds these, the gates and the lifecycle", async () => {
    const health = createHealth({
      clock: new FakeClock(),
      checks: { one: push(), two: push({ critical: false }), three: push(), maintenance: gate() },
    });
    const over = (...checks: string[]) => health.verdict("readiness", { checks });
    expect(over("one")).toBe("unhealthy");
    await health.start();
    health.checks.one.pass();
    health.checks.two.fail("gone");
    health.checks.three.fail("gone");
    expect([over("one"), over("one", "two"), over("one", "three"), over()]).toEqual([
      "healthy",
      "degraded",
      "unhealthy",
      "healthy",
    ]);
    health.checks.maintenance.close("upgrade");
    expect(over("one")).toBe("unhealthy");
    health.checks.maintenance.open();
    expect(over("one")).toBe("healthy");
    void health.drain();
    expect(over("one")).toBe("unhealthy");
    await health.stop();
  });

  it("refuses what there is not", () => {
    const health = createHealth({ checks: { one: push(), alive: push({ probes: ["liveness"] }) } });
    expect(() => health.verdict("ready")).toThrow(/^probe of verdict\(\) must be one of "startup", .* got "ready"$/);
    expect(() => health.verdict("readiness", { checks: ["two"] })).toThrow(/^readiness has no check "two"/);
    expect(() => health.verdict("readiness", { checks: ["alive"] })).toThrow(/^readiness has no check "alive"/);
    expect(() => health.verdict("readiness", { check: ["one"] } as never)).toThrow(/^check is not an option of/);
  });
});

describe("countAnswer", () => {
  it.each([99, 600, 200.5, "ok", "", "O".repeat(40), Number.NaN, undefined])("refuses %s", (status) => {
    const health = createHealth();
    expect(() => health.countAnswer("readiness", status as number)).toThrow(/^status of countAnswer\(\) must be/);
    expect(() => health.countAnswer("nobody", 200)).toThrow(/^probe of countAnswer\(\) must be one of/);
  });
});
