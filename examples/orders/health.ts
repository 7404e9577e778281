import { http } from "@otel-health/checks/http";
import { postgres } from "@otel-health/checks/postgres";
import { redis } from "@otel-health/checks/redis";
import { createHealth, gate, heartbeat } from "@otel-health/express";
import { cache } from "./cache.ts";
import { intervalMs, supplierUrl } from "./config.ts";
import { connect, migrate, pool } from "./postgres.ts";

const schedule = { intervalMs, timeoutMs: intervalMs / 5 };
const optional = { ...schedule, critical: false };

export const health = createHealth({
  service: { name: "orders", version: "1.4.2" },
  checks: {
    postgres: postgres(pool, schedule),
    ...(cache && { cache: redis(cache, optional) }),
    ...(supplierUrl && { supplier: http(`${supplierUrl}/readyz`, { ...optional, report: true }) }),
    outbox: heartbeat({ maxAgeMs: 30_000 }),
    maintenance: gate(),
  },
  startup: {
    connect,
    migrate: { run: migrate, after: ["connect"] },
  },
});
