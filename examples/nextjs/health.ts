import { healthFetch, heartbeat, sharedHealth } from "@otel-health/http";

// Next.js bundles instrumentation.ts and each route by itself, with a copy of this module in each: all of them share
// one health object.
export const health = sharedHealth("orders", () => ({
  service: { name: "orders", version: "1.4.2" },
  checks: { outbox: heartbeat({ maxAgeMs: 30_000 }) },
}));

export const probe = healthFetch(health);
