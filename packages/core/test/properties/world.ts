import {
  type Aggregate,
  type Check,
  createHealth,
  fail,
  type GateHandle,
  gate,
  type Health,
  type HeartbeatHandle,
  heartbeat,
  type OutcomeStatus,
  type ProbeName,
  type PushHandle,
  pass,
  probeNames,
  push,
  warn,
} from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import fc from "fast-check";
import type { Member } from "./verdict-model.ts";

const kinds = ["external", "in process", "push", "gate", "heartbeat"] as const;

/** A check to register: of which kind, for which probes. */
export interface Plan {
  readonly kind: (typeof kinds)[number];
  readonly critical: boolean;
  readonly probes: readonly ProbeName[];
}

/** One thing that a test does to a health object. */
export type Deed =
  | { readonly do: "tell"; readonly which: number; readonly outcome: OutcomeStatus }
  | { readonly do: "beat"; readonly which: number }
  | { readonly do: "advance"; readonly ms: number }
  | { readonly do: "register"; readonly plan: Plan }
  | { readonly do: "unregister"; readonly which: number }
  | { readonly do: "start" | "warmedUp" | "retire" | "drain" | "fatal" };

export const anyPlan: fc.Arbitrary<Plan> = fc.record({
  kind: fc.constantFrom(...kinds),
  critical: fc.boolean(),
  probes: fc.subarray([...probeNames], { minLength: 1 }),
});

const which = fc.nat({ max: 9 });

/** A deed; the late part of life is rarer than the rest, so that histories are not over when they begin. */
export function anyDeed(plan: fc.Arbitrary<Plan>): fc.Arbitrary<Deed> {
  return fc.oneof(
    {
      weight: 10,
      arbitrary: fc.record({
        do: fc.constant("tell" as const),
        which,
        outcome: fc.constantFrom("pass" as const, "warn" as const, "fail" as const),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("beat" as const), which }) },
    { weight: 8, arbitrary: fc.record({ do: fc.constant("advance" as const), ms: fc.nat({ max: 400 }) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("register" as const), plan }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("unregister" as const), which }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant("start" as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("warmedUp" as const, "retire" as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("drain" as const, "fatal" as const) }) },
  );
}

export const anyAggregate: fc.Arbitrary<Aggregate> = fc.oneof(
  fc.constantFrom("critical" as const, "any" as const),
  fc.record({ quorum: fc.integer({ min: 1, max: 4 }) }),
  fc.constant<Aggregate>(({ critical, optional, all }) => {
    if (all().some(({ name, status }) => name === "c0" && status === "unhealthy")) return "unhealthy";
    return critical.unhealthy > optional.healthy ? "unhealthy" : optional.degraded > 0 ? "degraded" : "healthy";
  }),
);

interface Inhabitant extends Member {
  readonly kind: Plan["kind"];
  tell(outcome: OutcomeStatus): void;
  beat(): void;
}

/** A health object with checks of all kinds, to which deeds are done, and what is known about it from outside. */
export class World {
  readonly clock: FakeClock = new FakeClock();
  readonly health: Health;
  #inhabitants: Inhabitant[] = [];
  #registered = 0;

  constructor(plans: readonly Plan[], options: { warmUpMs?: number; aggregates?: { [P in ProbeName]?: Aggregate } }) {
    const { warmUpMs = 0, aggregates = {} } = options;
    const probes = Object.fromEntries(Object.entries(aggregates).map(([probe, aggregate]) => [probe, { aggregate }]));
    this.health = createHealth({ clock: this.clock, warmUpMs, probes });
    this.health.on("transition", (transition) => {
      if (transition.type !== "check" || transition.state === "unknown") return;
      const member = this.#inhabitants.find(({ name }) => name === transition.name);
      if (member !== undefined) member.decided = true;
    });
    for (const plan of plans) this.#register(plan);
  }

  get members(): readonly (Member & { readonly kind: Plan["kind"] })[] {
    return this.#inhabitants;
  }

  async do(deed: Deed): Promise<void> {
    const { health, clock } = this;
    switch (deed.do) {
      case "tell":
        return this.#inhabitants[deed.which % this.#inhabitants.length]?.tell(deed.outcome);
      case "beat":
        return this.#inhabitants[deed.which % this.#inhabitants.length]?.beat();
      case "advance":
        return clock.advance(deed.ms);
      case "register":
        return this.#register(deed.plan);
      case "unregister": {
        const [gone] = this.#inhabitants.splice(deed.which % Math.max(1, this.#inhabitants.length), 1);
        if (gone !== undefined) await health.unregister(gone.name);
        return;
      }
      case "start":
        // Drained or stopped before: the promise rejects, which is what the tests of the lifecycle are about.
        void health.start().catch(() => {});
        return;
      case "warmedUp":
        return health.warmedUp();
      case "retire":
        return health.retire();
      case "drain":
        void health.drain({ delayMs: 0 });
        return;
      case "fatal":
        return health.fatal("beyond repair");
    }
  }

  #register(plan: Plan): void {
    const name = `c${this.#registered++}`;
    const late = this.health.snapshot().life.started;
    const { critical } = plan;
    const probes = probesOf(plan);
    const member = { name, kind: plan.kind, gate: plan.kind === "gate", critical, probes, late, decided: false };
    // Known before the registration: a gate tells its state while it is registered.
    const inhabitant: Inhabitant = { ...member, tell: () => {}, beat: () => {} };
    this.#inhabitants.push(inhabitant);
    Object.assign(inhabitant, this.#add(name, plan));
  }

  #add(name: string, { kind, critical, probes: asked }: Plan): Pick<Inhabitant, "tell" | "beat"> {
    const probes = kind === "external" ? withoutLiveness(asked) : asked;
    const beat = () => {};
    switch (kind) {
      case "push": {
        const handle: PushHandle = this.health.register(name, push({ critical, probes, staleAfterMs: 300 }));
        return { beat, tell: (outcome) => handle[outcome](`told to ${outcome}`) };
      }
      case "gate": {
        const handle: GateHandle = this.health.register(name, gate({ critical, open: asked.length > 1 }));
        return { beat, tell: (outcome) => (outcome === "fail" ? handle.close() : handle.open()) };
      }
      case "heartbeat": {
        const handle: HeartbeatHandle = this.health.register(name, heartbeat({ critical, probes, maxAgeMs: 200 }));
        return { beat: () => handle.beat(), tell: () => handle.beat() };
      }
      default: {
        let next: OutcomeStatus = "pass";
        const run = () => (next === "pass" ? pass() : next === "warn" ? warn("so so") : fail("down"));
        const check: Check = {
          run,
          external: kind === "external",
          critical,
          probes,
          intervalMs: 100,
          timeoutMs: 50,
          failureThreshold: 2,
          gracePeriodMs: 60,
          backoff: { initialMs: 50 },
        };
        this.health.register(name, check);
        const tell = (outcome: OutcomeStatus) => {
          next = outcome;
        };
        return { beat, tell };
      }
    }
  }
}

/** The probes that a check counts for, as the documentation words it. */
function probesOf({ kind, probes }: Plan): readonly ProbeName[] {
  if (kind === "gate") return ["readiness", "serving"];
  if (kind === "external") return withoutLiveness(probes);
  return probes.includes("readiness") && !probes.includes("serving") ? [...probes, "serving"] : probes;
}

function withoutLiveness(probes: readonly ProbeName[]): readonly ProbeName[] {
  const rest = probes.filter((probe) => probe !== "liveness");
  return rest.length > 0 ? rest : ["readiness"];
}
