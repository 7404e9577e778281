import { createHealth, type ProbeTransition, pass, push } from "@otel-health/core";
import { FakeClock, recordTransitions, scripted } from "@otel-health/core/testing";
import { describe, expect, expectTypeOf, it } from "vitest";

function make() {
  const clock = new FakeClock();
  const database = scripted(pass());
  const health = createHealth({
    clock,
    checks: { database: { ...database, failureThreshold: 1, gracePeriodMs: 0 }, readiness: push() },
  });
  return { clock, database, health };
}

describe("recordTransitions", () => {
  it("keeps all transitions in the order in which they were told", async () => {
    const { health } = make();
    const told: unknown[] = [];
    health.on("transition", (transition) => void told.push(transition));
    using transitions = recordTransitions(health);
    await health.start();
    health.checks.readiness.pass();
    await health.refresh();
    health.checks.readiness.fail("down");
    expect(transitions.all.map((one) => `${one.type === "check" ? one.name : one.probe} ${one.state}`)).toEqual([
      "startup healthy",
      "readiness healthy",
      "serving healthy",
      "database healthy",
      "readiness healthy",
      "readiness unhealthy",
      "readiness unhealthy",
      "serving unhealthy",
    ]);
    expect(transitions.all).toEqual(told);
  });

  it("tells those of a check from those of a probe of the same name", async () => {
    const { health } = make();
    using transitions = recordTransitions(health);
    await health.start();
    health.checks.readiness.pass();
    await health.refresh();
    health.checks.readiness.fail("off");
    const incidentId = health.checks.readiness.snapshot().incidentId;
    expect(transitions.ofCheck("readiness")).toMatchObject([
      { state: "healthy", previousState: "unknown", incidentId: null },
      { state: "unhealthy", previousState: "healthy", message: "off", incidentId },
    ]);
    expect(transitions.ofProbe("readiness")).toMatchObject([
      { state: "healthy", previousState: "unhealthy", checks: [] },
      { state: "unhealthy", previousState: "healthy", checks: ["readiness"], incidentId },
    ]);
    expectTypeOf(transitions.ofProbe).returns.toEqualTypeOf<readonly ProbeTransition[]>();
  });

  it("tells the states that a check and a probe went through, from the first on", async () => {
    const { clock, database, health } = make();
    using transitions = recordTransitions(health);
    expect(transitions.statesOf("database")).toEqual(["unknown"]);
    expect(transitions.verdictsOf("readiness")).toEqual(["unhealthy"]);
    await health.start();
    health.checks.readiness.pass();
    await clock.advance(1_000);
    database.set(new Error("down"));
    await clock.advance(10_000);
    database.set(pass());
    await clock.advance(10_000);
    expect(transitions.statesOf("database")).toEqual(["unknown", "healthy", "unhealthy", "healthy"]);
    expect(transitions.verdictsOf("readiness")).toEqual(["unhealthy", "healthy", "unhealthy", "healthy"]);
    expect(transitions.verdictsOf("liveness")).toEqual(["healthy"]);
  });

  it("begins anew after clear(), with the state of that moment", async () => {
    const { database, health } = make();
    using transitions = recordTransitions(health);
    await health.start();
    health.checks.readiness.pass();
    await health.refresh();
    transitions.clear();
    expect(transitions.all).toEqual([]);
    expect(transitions.statesOf("database")).toEqual(["healthy"]);
    expect(transitions.verdictsOf("readiness")).toEqual(["healthy"]);
    database.set(new Error("down"));
    await health.refresh();
    expect(transitions.statesOf("database")).toEqual(["healthy", "unhealthy"]);
    expect(transitions.all.length).toBe(2);
  });

  it("hears nothing after stop(), or the end of its scope, and keeps what it has", async () => {
    const { health } = make();
    let scoped: { readonly all: readonly unknown[]; statesOf(name: "readiness"): readonly string[] };
    const stopped = recordTransitions(health);
    {
      await using transitions = recordTransitions(health);
      scoped = transitions;
      health.checks.readiness.pass();
    }
    stopped.stop();
    stopped.stop();
    const quiet = recordTransitions(health);
    quiet.stop();
    health.checks.readiness.fail("down");
    for (const record of [scoped, stopped]) {
      expect(record.all.length).toBe(1);
      expect(record.statesOf("readiness")).toEqual(["unknown", "healthy"]);
    }
    expect(quiet.statesOf("readiness")).toEqual(["healthy"]);
  });

  it("knows checks that are registered later, and keeps those that are gone", async () => {
    const { health } = make();
    const dynamic = createHealth({ clock: new FakeClock() });
    using transitions = recordTransitions(dynamic);
    const late = dynamic.register("late", push());
    expect(transitions.statesOf("late")).toEqual(["unknown"]);
    late.pass();
    await late.unregister();
    expect(transitions.statesOf("late")).toEqual(["unknown", "healthy"]);
    // @ts-expect-error a misspelled name does not read as "nothing happened"
    expect(() => recordTransitions(health).statesOf("databse")).toThrow(
      expect.objectContaining({
        code: "unknown_check",
        message: 'there is no check "databse" whose states could be told',
      }),
    );
  });
});
