import { createHealth, fail, gate, heartbeat, type Outcome, type ProbeName } from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";

/** A service with a check of each kind that reports show differently, and what the dependencies do. */
function makeService(options: { readonly warmUpMs?: number; readonly startup?: () => Outcome | undefined } = {}) {
  const clock = new FakeClock();
  const dependencies = {
    postgres: undefined as Outcome | undefined,
    cache: undefined as Outcome | undefined,
    startup: undefined as Outcome | undefined,
  };
  const health = createHealth({
    clock,
    ...(options.warmUpMs !== undefined && { warmUpMs: options.warmUpMs }),
    service: {
      name: "orders",
      version: "1.4.2",
      instance: "orders-7d9f",
      commit: "1f3c2ab",
      builtAt: "2026-11-20T08:00:00Z",
    },
    checks: {
      cache: { run: () => dependencies.cache, critical: false },
      postgres: {
        // Twelve milliseconds and a bit, as a real ping takes them.
        run: () => new Promise<Outcome | undefined>((done) => clock.setTimer(() => done(dependencies.postgres), 12)),
        hint: "is the database running?",
      },
      outbox: heartbeat({ maxAgeMs: 120_000, probes: ["readiness", "liveness"] }),
      maintenance: gate(),
    },
    startup: {
      connect: { run: () => dependencies.startup, hint: "is the database up?" },
      migrate: { run: () => {}, after: ["connect"] },
    },
  });
  return { clock, dependencies, health };
}

/** The service of a scenario. */
export type Service = ReturnType<typeof makeService>;

const refused = fail("connect ECONNREFUSED 127.0.0.1:5432", { errorType: "ECONNREFUSED" });

async function ready(options: { readonly warmUpMs?: number } = {}): Promise<Service> {
  const service = makeService(options);
  service.health.checks.outbox.beat();
  await service.health.start();
  await service.clock.advance(1_000);
  return service;
}

/** What the reports of a scenario are about. */
export interface Scenario {
  readonly probes: readonly ProbeName[];
  readonly make: () => Promise<Service>;
}

const all: readonly ProbeName[] = ["startup", "readiness", "serving", "liveness"];

/** The situations whose reports are kept as files, by name. */
export const scenarios: { readonly [name: string]: Scenario } = {
  starting: {
    probes: all,
    async make() {
      const service = makeService();
      service.dependencies.startup = refused;
      service.health.start().catch(() => {});
      await service.clock.advance(2_500);
      return service;
    },
  },
  ready: { probes: all, make: ready },
  "critical-unhealthy": {
    probes: all,
    async make() {
      const service = await ready();
      service.dependencies.postgres = refused;
      await service.clock.advance(30_000);
      return service;
    },
  },
  "critical-and-optional-unhealthy": {
    probes: ["readiness"],
    async make() {
      const service = await ready();
      service.dependencies.postgres = refused;
      service.dependencies.cache = fail("no route to redis://cache:6379", { errorType: "EHOSTUNREACH" });
      await service.clock.advance(30_000);
      return service;
    },
  },
  "optional-unhealthy": {
    probes: ["readiness", "serving"],
    async make() {
      const service = await ready();
      service.dependencies.cache = fail("no route to redis://user:secret@cache:6379", { fault: "persistent" });
      await service.clock.advance(30_000);
      return service;
    },
  },
  unknown: {
    probes: ["readiness"],
    async make() {
      const service = await ready();
      service.dependencies.postgres = fail("come back later", { retryAfterMs: 200_000 });
      await service.clock.advance(60_000);
      return service;
    },
  },
  draining: {
    probes: all,
    async make() {
      const service = await ready();
      void service.health.drain();
      return service;
    },
  },
  failed: {
    probes: all,
    async make() {
      const service = makeService();
      service.dependencies.startup = fail("schema is from the future", {
        fault: "fatal",
        hint: "deploy what wrote it",
      });
      service.health.start().catch(() => {});
      await service.clock.advance(20);
      return service;
    },
  },
  fatal: {
    probes: all,
    async make() {
      const service = await ready();
      service.health.fatal("the heap is corrupt");
      return service;
    },
  },
  "gate-closed": {
    probes: ["readiness", "serving", "liveness"],
    async make() {
      const service = await ready();
      service.health.checks.maintenance.close("schema change until 14:00");
      return service;
    },
  },
  retiring: {
    probes: ["readiness", "serving", "liveness"],
    async make() {
      const service = await ready();
      service.health.retire();
      return service;
    },
  },
  warming: {
    probes: ["readiness", "serving", "liveness"],
    make: () => ready({ warmUpMs: 60_000 }),
  },
};
