import { createHealth, fail, gate, push, warn } from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import { describe, expect, it } from "vitest";
import { type Service, scenarios } from "./scenarios.ts";

const get = (url: string) => ({ method: "GET", url });

async function report(scenario: string, probe: "startup" | "readiness" | "serving" | "liveness") {
  const { health, clock } = await scenarios[scenario]!.make();
  return { report: health.report(probe), response: health.respond(get(paths[probe]))!, clock };
}

const paths = { startup: "/startupz", readiness: "/readyz", serving: "/servez", liveness: "/livez" };

describe("Retry-After", () => {
  it("is the whole seconds from the report's time to the run that can change the verdict", async () => {
    const { report: told, response } = await report("critical-unhealthy", "readiness");
    const seconds = (Date.parse(told.nextCheckAt!) - Date.parse(told.timestamp)) / 1_000;
    expect(response.headers["Retry-After"]).toBe(String(Math.ceil(seconds)));
  });

  it("is at least one second", async () => {
    const clock = new FakeClock();
    const health = createHealth({ clock, checks: { one: { run: () => fail("down"), intervalMs: 100 } } });
    await health.start();
    await clock.advance(1_000);
    expect(health.respond(get("/readyz"))!.headers["Retry-After"]).toBe("1");
  });

  it.each(["ready", "draining", "failed", "fatal", "gate-closed", "retiring", "warming"])(
    "is absent while %s",
    async (scenario) => {
      const { response } = await report(scenario, "readiness");
      expect(response.headers).not.toHaveProperty("Retry-After");
    },
  );

  it("is absent where no run can change the verdict", async () => {
    const health = createHealth({ clock: new FakeClock(), checks: { told: push() } });
    await health.start();
    const response = health.respond(get("/readyz"))!;
    expect(response.status).toBe(503);
    expect(response.headers).not.toHaveProperty("Retry-After");
    expect(health.report("readiness").nextCheckAt).toBeNull();
  });
});

describe("nextCheckAt of a report", () => {
  it("is while starting the next attempt of what startup waits for, for the other probes too", async () => {
    for (const probe of ["startup", "readiness", "serving"] as const) {
      const { report: told } = await report("starting", probe);
      const { report: startup } = await report("starting", "startup");
      expect(told.nextCheckAt).toBe(startup.checks!["connect"]!.nextCheckAt);
    }
  });

  it("is that of the check that fails the probe, not that of one which comes sooner", async () => {
    const { report: told } = await report("critical-unhealthy", "readiness");
    expect(told.nextCheckAt).toBe(told.checks!["postgres"]!.nextCheckAt);
  });

  it("is not that of an optional check while a critical one fails the probe", async () => {
    const { report: told } = await report("critical-and-optional-unhealthy", "readiness");
    expect(told.checks!["cache"]!.nextCheckAt! < told.checks!["postgres"]!.nextCheckAt!).toBe(true);
    expect(told.nextCheckAt).toBe(told.checks!["postgres"]!.nextCheckAt);
    expect(told.message).toMatch(/^postgres is unhealthy since [^,]*$/);
  });

  it("is the first run of all where the probe passes", async () => {
    const { report: told } = await report("ready", "readiness");
    const runs = Object.values(told.checks!).flatMap(({ nextCheckAt }) => nextCheckAt ?? []);
    expect(told.nextCheckAt).toBe(runs.toSorted()[0]);
  });

  it.each(["draining", "failed", "fatal", "gate-closed"])("is null while %s", async (scenario) => {
    expect((await report(scenario, "readiness")).report.nextCheckAt).toBeNull();
  });

  it.each([
    ["draining", ({ health }: Service) => void health.drain()],
    ["fatal", ({ health }: Service) => health.fatal("broken")],
    ["gated", ({ health }: Service) => health.checks.maintenance.close()],
  ])("is null while %s, also where a check fails the probe as well", async (_, end) => {
    const service = await scenarios["critical-unhealthy"]!.make();
    expect(service.health.report("readiness").nextCheckAt).not.toBeNull();
    end(service);
    expect(service.health.report("readiness").nextCheckAt).toBeNull();
    expect(service.health.respond(get("/readyz"))!.headers).not.toHaveProperty("Retry-After");
  });

  it("is not null for a gate that is optional: a run can still change the verdict", async () => {
    const { health } = await scenarios["critical-unhealthy"]!.make();
    health.register("flag", gate({ critical: false, open: false }));
    expect(health.report("readiness").nextCheckAt).not.toBeNull();
  });

  it("is the moment at which the run is really started", async () => {
    const clock = new FakeClock();
    const starts: number[] = [];
    const run = () => {
      starts.push(clock.wallTime());
      return fail("down");
    };
    const health = createHealth({ clock, checks: { one: run } });
    await health.start();
    for (let i = 1; i < 12; i++) {
      await clock.advance(1);
      const told = Date.parse(health.report("readiness").nextCheckAt!);
      while (starts.length === i) await clock.advance(1);
      expect(Math.abs(starts[i]! - told)).toBeLessThanOrEqual(1);
    }
  });
});

describe("a report", () => {
  it("says ok of what is healthy or degraded, and of nothing else", async () => {
    const clock = new FakeClock();
    const health = createHealth({ clock, checks: { one: push(), two: push(), three: push(), four: push() } });
    await health.start();
    health.checks.one.pass();
    health.checks.two.warn("so so");
    health.checks.three.fail("down");
    const { checks } = health.report("readiness");
    expect(Object.values(checks!).map(({ status, ok }) => [status, ok])).toEqual([
      ["healthy", true],
      ["degraded", true],
      ["unhealthy", false],
      ["unknown", false],
    ]);
  });

  it("has the time of the snapshot, not of the request", async () => {
    const clock = new FakeClock();
    const health = createHealth({ clock, checks: { one: push() } });
    await health.start();
    await clock.advance(1_000);
    health.checks.one.pass();
    await clock.advance(60_000);
    expect(health.report("readiness").timestamp).toBe("2026-11-22T13:00:01.000Z");
    expect(health.report("readiness")).toEqual(JSON.parse(JSON.stringify(health.report("readiness"))));
  });

  it("does not go back in time when the wall clock is set back", async () => {
    const clock = new FakeClock();
    let shift = 0;
    const shifted = Object.assign(clock, { wallTime: () => Date.UTC(2026, 10, 22, 13) + clock.now() + shift });
    const health = createHealth({ clock: shifted, checks: { one: push() } });
    await health.start();
    await clock.advance(5_000);
    health.checks.one.pass();
    shift = -3_600_000;
    await clock.advance(1_000);
    health.checks.one.fail("down");
    expect(health.report("readiness").timestamp).toBe("2026-11-22T13:00:05.000Z");
  });

  it("does not lend the reason of fatal() to startup, which fatal() does not decide", async () => {
    const { health } = await scenarios["starting"]!.make();
    health.fatal("the heap is corrupt");
    expect(health.report("startup").message).toMatch(/^starting: waiting for connect/);
    expect(health.report("startup").message).not.toContain("heap");
    expect(health.report("liveness").message).toContain("the heap is corrupt");
  });

  it("names three checks and counts the rest", async () => {
    const health = createHealth({ clock: new FakeClock() });
    await health.start();
    for (const name of ["a", "b", "c", "d", "e"]) health.register(name, push()).warn("slow");
    expect(health.report("readiness").message).toBe(
      ["a", "b", "c"]
        .map((name) => `${name} is degraded since 2026-11-22T13:00:00Z`)
        .join(", ")
        .concat(" and 2 more"),
    );
  });

  it("stays under 10 KiB at the default detail for a hundred checks with ordinary names, whatever their states", async () => {
    const clock = new FakeClock();
    const health = createHealth({ clock });
    await health.start();
    for (let i = 0; i < 100; i++) {
      const name = `dependency-${String(i).padStart(3, "0")}`;
      const handle = health.register(name, push());
      if (i % 3 === 0) handle.fail("x".repeat(500), { hint: "y".repeat(300) });
      else handle.warn("x".repeat(500));
    }
    await clock.advance(200);
    const { body } = health.respond(get("/readyz"))!;
    expect(Buffer.byteLength(body)).toBeLessThan(10 * 1_024);
    expect(Object.keys(JSON.parse(body).checks).length).toBe(100);
  });

  it("grows by less than 140 bytes a check even where names are as long as they may be", async () => {
    const health = createHealth({ clock: new FakeClock() });
    await health.start();
    for (let i = 0; i < 100; i++)
      health.register(`${"d".repeat(60)}${String(i).padStart(3, "0")}`, push()).fail("down");
    const { body } = health.respond(get("/readyz"))!;
    expect(Buffer.byteLength(body)).toBeLessThan(100 * 140 + 500);
  });

  it("shows the first failure before it counts: the state is what is debounced, the reason is not", async () => {
    const clock = new FakeClock();
    const outcomes = [undefined, fail("first hiccup"), warn("limping")];
    let run = 0;
    const health = createHealth({ clock, checks: { one: { run: () => outcomes[run++], jitter: 0 } } });
    await health.start();
    await clock.advance(10_000);
    expect(health.report("readiness").checks!["one"]).toMatchObject({
      status: "healthy",
      consecutiveFailures: 1,
      message: "first hiccup",
    });
    await clock.advance(1_000);
    expect(health.report("readiness").checks!["one"]).toMatchObject({
      status: "healthy",
      consecutiveFailures: 0,
      message: "limping",
    });
  });
});
