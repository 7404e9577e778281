import { createHealth, type Health, heartbeat } from "@otel-health/core";
import type { FakeClock } from "@otel-health/core/testing";

/**
 * A started health object whose answers stay the same as long as its clock stands still: readiness 503 with a
 * `Retry-After`, everything else 200, and in full reports text that is longer in bytes than in characters.
 */
export async function probedHealth(clock: FakeClock): Promise<Health> {
  const run = () => {
    throw new Error("the tea is gone: 茶");
  };
  const health = createHealth({
    clock,
    service: { name: "thé", version: "1.4.2" },
    checks: { database: { run }, outbox: heartbeat({ maxAgeMs: 30_000 }) },
    groups: { checkout: { checks: ["outbox"] } },
  });
  await health.start();
  await clock.advance(15_000);
  health.checks.outbox.beat();
  return health;
}
