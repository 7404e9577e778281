import { attributes, type Endpoints, metrics, type ProbeName, probeNames } from "@otel-health/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Collector } from "./collector.ts";
import { runs } from "./settings.ts";
import { anyAggregate, anyDeed, anyPlan, World } from "./world.ts";

const paths: { readonly [P in ProbeName]: string } = {
  startup: "/startupz",
  readiness: "/readyz",
  serving: "/servez",
  liveness: "/livez",
};

/** A change that leaves a verdict as it is may be this many milliseconds late in an answer. */
const renderEveryMs = 100;

/** Looks at every view of health at one moment, and says where two of them differ. */
class Onlooker {
  readonly #world: World;
  readonly #collector = new Collector();
  readonly #full: Endpoints;
  readonly #seen: { readonly at: number; readonly timestamp: number }[] = [];
  #looks = 0;

  constructor(world: World) {
    this.#world = world;
    this.#full = world.health.endpoints({ detail: "full" });
    world.health.instrumentation.setMeterProvider(this.#collector);
    // What is rendered from now on is kept current.
    for (const url of Object.values(paths)) {
      for (const endpoints of [world.health, this.#full]) endpoints.respond({ method: "GET", url });
    }
  }

  get looks(): number {
    return this.#looks;
  }

  /** What must hold at any moment, also in the middle of telling of a change. */
  look(): readonly string[] {
    const { health } = this.#world;
    const snapshot = health.snapshot();
    const wrong: string[] = [];
    const compare = (what: string, one: unknown, other: unknown) => {
      this.#looks++;
      if (JSON.stringify(one) !== JSON.stringify(other)) {
        wrong.push(`${what}: ${JSON.stringify(one)} and ${JSON.stringify(other)} at version ${snapshot.version}`);
      }
    };
    const checks = this.#collector.states(metrics.checkStatus.name, attributes.checkName);
    const probes = this.#collector.states(metrics.probeStatus.name, attributes.probeType);
    for (const [name, states] of Object.entries(checks)) {
      // A check that is gone is in no state.
      compare(`metric and snapshot of ${name}`, states, [snapshot.checks[name]?.status].filter(Boolean));
    }
    for (const name of Object.keys(snapshot.checks)) compare(`metric of ${name} exists`, name in checks, true);
    for (const probe of probeNames) {
      const { status } = snapshot.probes[probe];
      compare(`metric and snapshot of ${probe}`, probes[probe], [status]);
      compare(`report and snapshot of ${probe}`, health.report(probe).status, status);
      const response = health.respond({ method: "GET", url: paths[probe] })!;
      compare(`code of ${probe}`, response.status, status === "unhealthy" ? 503 : 200);
      compare(`body of ${probe}`, JSON.parse(response.body).status, status);
      const head = health.respond({ method: "HEAD", url: paths[probe] })!;
      compare(`head of ${probe}`, [head.status, head.rawHeaders], [response.status, response.rawHeaders]);
    }
    return wrong;
  }

  /** What must hold between two turns of the loop: no answer is older than it may be. */
  lookAtAge(): readonly string[] {
    const { health, clock } = this.#world;
    const now = clock.now();
    this.#seen.push({ at: now, timestamp: health.snapshot().timestamp });
    const due = this.#seen.findLast(({ at }) => at <= now - renderEveryMs)?.timestamp ?? 0;
    const wrong: string[] = [];
    for (const probe of probeNames) {
      const { body } = this.#full.respond({ method: "GET", url: paths[probe] })!;
      if (Date.parse(JSON.parse(body).timestamp) < due)
        wrong.push(`${probe} is older than ${renderEveryMs} ms: ${body}`);
      const settled = this.#seen.every(({ at, timestamp }) => at < now - renderEveryMs || timestamp <= due);
      const current = JSON.stringify(health.report(probe));
      if (settled && body !== current) wrong.push(`${probe} says ${body} and should say ${current}`);
    }
    return wrong;
  }
}

describe("endpoints, metrics, reports and snapshots", () => {
  it("agree after each change and in the middle of each, and no answer is more than 100 ms old", async () => {
    let looks = 0;
    const anyAggregates = fc.record({ readiness: anyAggregate, liveness: anyAggregate }, { requiredKeys: [] });
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyPlan, { maxLength: 5 }),
        fc.array(anyDeed(anyPlan), { minLength: 5, maxLength: 25, size: "max" }),
        anyAggregates,
        async (plans, deeds, aggregates) => {
          const world = new World(plans, { warmUpMs: 120, aggregates });
          const onlooker = new Onlooker(world);
          const wrong: string[] = [];
          world.health.on("transition", () => void wrong.push(...onlooker.look()));
          for (const deed of deeds) {
            if (deed.do !== "advance") await world.do(deed);
            else {
              for (let ms = 0; ms < deed.ms; ms += 10) {
                await world.clock.advance(10);
                wrong.push(...onlooker.lookAtAge());
              }
            }
            wrong.push(...onlooker.look());
            expect(wrong).toEqual([]);
          }
          await world.health.stop();
          wrong.push(...onlooker.look());
          expect(wrong).toEqual([]);
          looks += onlooker.looks;
        },
      ),
      runs(120),
    );
    expect(looks).toBeGreaterThan(20_000);
  });
});
