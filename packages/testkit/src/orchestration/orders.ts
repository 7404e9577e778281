import { createHealth, type Health, heartbeat, pass, push } from "@otel-health/core";
import { type FakeClock, type ScriptedCheck, scripted } from "@otel-health/core/testing";

/** Health of a service that takes orders, and the strings that a test pulls. */
export interface Orders {
  readonly health: Health;
  /** A critical dependency; passes. */
  readonly database: ScriptedCheck;
  /** The loop of the process turns once; liveness fails where it has not for half a minute. */
  beat(): void;
}

/** Its startup needs two attempts, which takes ten to twenty seconds. Everything but startup has the defaults. */
export function orders(clock: FakeClock): Orders {
  const database = scripted(pass());
  const migrations = scripted(new Error("the database is starting"), pass());
  const health = createHealth({
    clock,
    checks: { database, loop: heartbeat({ maxAgeMs: 30_000, probes: ["liveness"] }), outbox: push() },
    startup: { migrate: { run: migrations.run, backoff: { initialMs: 20_000 } } },
  });
  health.checks.outbox.pass();
  return { health, database, beat: () => health.checks.loop.beat() };
}
