import {
  type AnyProbe,
  type CheckHandle,
  type CheckSnapshot,
  createHealth,
  type GateHandle,
  gate,
  type Health,
  type HeartbeatHandle,
  heartbeat,
  type Outcome,
  type PushHandle,
  pass,
  push,
  type Report,
  threshold,
} from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import { describe, expect, expectTypeOf, it } from "vitest";

function make() {
  return createHealth({
    clock: new FakeClock(),
    checks: {
      postgres: async () => {},
      billing: { run: async ({ signal }) => void signal.aborted, intervalMs: 5_000 },
      cache: { run: () => pass(), critical: false },
      outbox: heartbeat({ maxAgeMs: 30_000 }),
      consumer: push(),
      maintenance: gate(),
      memory: threshold(() => 1, { failAbove: 2 }),
    },
  });
}

describe("the types of handles", () => {
  it("are those of the kinds that the checks were made as", () => {
    const { checks } = make();
    expectTypeOf(checks.postgres).toEqualTypeOf<CheckHandle>();
    expectTypeOf(checks.billing).toEqualTypeOf<CheckHandle>();
    expectTypeOf(checks.cache).toEqualTypeOf<CheckHandle>();
    expectTypeOf(checks.memory).toEqualTypeOf<CheckHandle>();
    expectTypeOf(checks.outbox).toEqualTypeOf<HeartbeatHandle>();
    expectTypeOf(checks.consumer).toEqualTypeOf<PushHandle>();
    expectTypeOf(checks.maintenance).toEqualTypeOf<GateHandle>();
    checks.outbox.beat();
    expect(checks.outbox.beats).toBe(1);
    expect(checks.maintenance.isOpen).toBe(true);
  });

  it("know each name, and no other", () => {
    const { checks, snapshot } = make();
    expectTypeOf(snapshot().checks.postgres).toEqualTypeOf<CheckSnapshot>();
    expect(snapshot().checks.postgres.status).toBe("unknown");
    // @ts-expect-error a name that is not there
    expect(checks.postgress).toBeUndefined();
    // @ts-expect-error a name that is not there
    expect(snapshot().checks.postgress).toBeUndefined();
    // @ts-expect-error beats are for heartbeats
    expect(() => checks.postgres.beat()).toThrow(TypeError);
    // @ts-expect-error a gate is opened, not beaten
    expect(() => checks.maintenance.beat()).toThrow(TypeError);
    // @ts-expect-error nobody sets the number of beats
    expect(() => Object.assign(checks.outbox, { beats: checks.outbox.beat(1) })).toThrow(TypeError);
  });

  it("come back from register()", async () => {
    const health = make();
    expectTypeOf(health.register("a", heartbeat({ maxAgeMs: 1_000 }))).toEqualTypeOf<HeartbeatHandle>();
    expectTypeOf(health.register("b", push())).toEqualTypeOf<PushHandle>();
    expectTypeOf(health.register("c", gate())).toEqualTypeOf<GateHandle>();
    expectTypeOf(health.register("d", async () => {})).toEqualTypeOf<CheckHandle>();
    expectTypeOf(health.register("e", { run: () => {} })).toEqualTypeOf<CheckHandle>();
    const gone = health.unregister("a");
    expectTypeOf(gone).toEqualTypeOf<Promise<boolean>>();
    expect(await gone).toBe(true);
  });
});

describe("the types of checks", () => {
  it("refuse a function that answers something else than an outcome", () => {
    // @ts-expect-error a response is no outcome: fetch() alone would pass at any status
    createHealth({ checks: { billing: () => fetch("http://localhost") } });
    // @ts-expect-error a boolean is no outcome
    createHealth({ checks: { billing: () => true } });
    // @ts-expect-error nor within options
    createHealth({ checks: { billing: { run: async () => "ok" } } });
    expectTypeOf<{ status: "pass" }>().toExtend<Outcome>();
    expect(createHealth({ checks: { billing: () => undefined, other: async () => pass() } }).checks.billing.name).toBe(
      "billing",
    );
  });

  it("refuse a probe that is not there, and a value of the wrong type", () => {
    // @ts-expect-error milliseconds, not words
    expect(() => createHealth({ checks: { one: { run: () => {}, intervalMs: "5s" } } })).toThrow("5s");
    // @ts-expect-error readyness
    expect(() => createHealth({ checks: { one: { run: () => {}, probes: ["readyness"] } } })).toThrow("readiness");
  });

  it("let a probe name only checks that there are", () => {
    const checks = { one: () => {}, two: () => {} };
    createHealth({ checks, probes: { readiness: { checks: ["one"] } } });
    // @ts-expect-error there is no check three
    expect(() => createHealth({ checks, probes: { readiness: { checks: ["three"] } } })).toThrow("three");
  });
});

describe("the types of a health object", () => {
  it("can be handed on without its names", () => {
    const health: Health = make();
    expectTypeOf(health.report("readiness")).toEqualTypeOf<Report>();
    expectTypeOf(make()).toExtend<Health>();
    expectTypeOf(make()).toExtend<AsyncDisposable>();
    expect(health.checks["outbox"]?.status).toBe("unknown");
  });

  it("tell transitions of checks and probes apart", () => {
    const health = make();
    const heard: string[] = [];
    health.on("transition", (transition) => {
      if (transition.type === "check") {
        expectTypeOf(transition.name).toEqualTypeOf<string>();
        heard.push(transition.name);
        // @ts-expect-error a check has no probe
        heard.push(transition.probe ?? "none");
      } else expectTypeOf(transition.probe).toEqualTypeOf<AnyProbe>();
    });
    health.checks.consumer.pass();
    expect(heard).toEqual(["consumer", "none"]);
  });
});

describe("the type of a task's promise", () => {
  it("is of what the work returns, awaited", () => {
    const { task } = make();
    const options = { deadlineMs: 1_000 };
    expectTypeOf(task("a", options, () => 5)).toEqualTypeOf<Promise<number>>();
    expectTypeOf(task("a", options, async ({ signal }) => signal.aborted)).toEqualTypeOf<Promise<boolean>>();
    expectTypeOf(task("a", options, async () => {})).toEqualTypeOf<Promise<void>>();
  });
});
