import { type Aggregate, type ProbeName, probeNames } from "@otel-health/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { runs } from "./settings.ts";
import { expectedVerdict } from "./verdict-model.ts";
import { anyAggregate, anyDeed, anyPlan, type Deed, type Plan, World } from "./world.ts";

const plansOf = (plan: fc.Arbitrary<Plan>) => fc.array(plan, { maxLength: 6 });
const deedsWith = (plan: fc.Arbitrary<Plan>) => fc.array(anyDeed(plan), { minLength: 5, maxLength: 40, size: "max" });
const anyWarmUp = fc.constantFrom(0, 0, 150, Number.POSITIVE_INFINITY);
const anyAggregates: fc.Arbitrary<{ [P in ProbeName]?: Aggregate }> = fc.record(
  { readiness: anyAggregate, serving: anyAggregate, liveness: anyAggregate },
  { requiredKeys: [] },
);

interface Look {
  readonly world: World;
  readonly deed: Deed;
}

/** Does random deeds to random checks; `look` follows each deed and says whether it saw what it is about. */
async function eachDeed(
  look: (look: Look) => boolean,
  options: { readonly plan?: fc.Arbitrary<Plan>; readonly custom?: boolean } = {},
): Promise<void> {
  const { plan = anyPlan, custom = false } = options;
  let seen = 0;
  const aggregatesOf = custom ? anyAggregates : fc.constant({});
  await fc.assert(
    fc.asyncProperty(
      plansOf(plan),
      deedsWith(plan),
      anyWarmUp,
      aggregatesOf,
      async (plans, deeds, warmUpMs, aggregates) => {
        const world = new World(plans, { warmUpMs, aggregates });
        for (const deed of deeds) {
          await world.do(deed);
          if (look({ world, deed })) seen++;
        }
        await world.health.stop();
        if (look({ world, deed: { do: "drain" } })) seen++;
      },
    ),
    runs(250),
  );
  expect(seen).toBeGreaterThan(50);
}

describe("verdicts", () => {
  it("are after every change what a recount of the snapshot gives, whatever the aggregators are", async () => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(
        plansOf(anyPlan),
        deedsWith(anyPlan),
        anyWarmUp,
        anyAggregates,
        async (plans, deeds, warmUpMs, aggregates) => {
          const world = new World(plans, { warmUpMs, aggregates });
          const compare = () => {
            const snapshot = world.health.snapshot();
            for (const probe of probeNames) {
              const expected = expectedVerdict(probe, snapshot, world.members, aggregates[probe] ?? "critical");
              expect(`${probe} ${snapshot.probes[probe].status}`).toBe(`${probe} ${expected}`);
              compared++;
            }
          };
          compare();
          // Within a deed as well: each listener's look is at a finished state.
          world.health.on("transition", compare);
          for (const deed of deeds) {
            await world.do(deed);
            compare();
          }
          await world.health.stop();
          compare();
        },
      ),
      runs(400),
    );
    expect(compared).toBeGreaterThan(50_000);
  });

  it("of liveness never hear of a check that looks beyond the process", async () => {
    await eachDeed(
      ({ world }) => {
        const { life, probes } = world.health.snapshot();
        expect(probes.liveness.status).toBe(life.fatal === undefined ? "healthy" : "unhealthy");
        return probes.readiness.status !== "healthy";
      },
      { plan: anyPlan.map((plan): Plan => ({ ...plan, kind: "external" })) },
    );
  });

  it("of startup latch", async () => {
    const started = new WeakSet<World>();
    await eachDeed(({ world }) => {
      const { status } = world.health.snapshot().probes.startup;
      if (started.has(world)) expect(status).toBe("healthy");
      if (status === "healthy") started.add(world);
      return started.has(world);
    });
  });

  it("of readiness and serving fail as soon as it drains, and liveness does not hear of it", async () => {
    const liveness = new WeakMap<World, string>();
    await eachDeed(({ world, deed }) => {
      const { life, probes } = world.health.snapshot();
      const before = liveness.get(world);
      liveness.set(world, probes.liveness.status);
      if (deed.do !== "drain" || life.phase === "stopped") return false;
      expect(probes.readiness.status).toBe("unhealthy");
      expect(probes.serving.status).toBe("unhealthy");
      if (before !== undefined) expect(probes.liveness.status).toBe(before);
      return true;
    });
  });

  it("fail for good once fatal() was called", async () => {
    await eachDeed(
      ({ world }) => {
        const { life, probes } = world.health.snapshot();
        if (life.fatal === undefined) return false;
        for (const probe of ["readiness", "serving", "liveness"] as const)
          expect(probes[probe].status).toBe("unhealthy");
        return true;
      },
      { custom: true },
    );
  });

  it("of readiness and serving are at best degraded while retiring or warming up, and never fail for it", async () => {
    await eachDeed(({ world }) => {
      const snapshot = world.health.snapshot();
      const { life, probes } = snapshot;
      if (life.fatal !== undefined || !(life.phase === "retiring" || (life.phase === "ready" && life.warming)))
        return false;
      const settled = { ...snapshot, life: { ...life, phase: "ready" as const, warming: false } };
      for (const probe of ["readiness", "serving"] as const) {
        const otherwise = expectedVerdict(probe, settled, world.members, "critical");
        expect(probes[probe].status).toBe(otherwise === "unhealthy" ? "unhealthy" : "degraded");
      }
      return true;
    });
  });

  it("of readiness and serving fail while a critical gate is closed, whatever the aggregators are", async () => {
    await eachDeed(
      ({ world }) => {
        const { checks, probes } = world.health.snapshot();
        const closed = world.members.some(({ gate, critical, name }) => gate && critical && !checks[name]!.ok);
        if (!closed) return false;
        expect(probes.readiness.status).toBe("unhealthy");
        expect(probes.serving.status).toBe("unhealthy");
        return true;
      },
      { custom: true },
    );
  });

  it("never fail for an optional check", async () => {
    await eachDeed(
      ({ world }) => {
        const { life, probes, checks } = world.health.snapshot();
        if (life.fatal !== undefined || life.phase !== "ready") return false;
        for (const probe of probeNames) expect(probes[probe].status).not.toBe("unhealthy");
        return Object.values(checks).some(({ ok }) => !ok);
      },
      { plan: anyPlan.map((plan): Plan => ({ ...plan, critical: false })) },
    );
  });
});
