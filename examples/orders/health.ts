import { createHealth, gate, heartbeat } from "@otel-health/express";
import { pingCache } from "./cache.ts";
import { cacheUrl, intervalMs } from "./config.ts";
import { migrate, ping } from "./postgres.ts";

const schedule = { intervalMs, timeoutMs: intervalMs / 5 };

export const health = createHealth({
  service: { name: "orders", version: "1.4.2" },
  checks: {
    postgres: { run: ({ signal }) => ping(signal), ...schedule, hint: "is the database running?" },
    ...(cacheUrl && { cache: { run: ({ signal }) => pingCache(signal), ...schedule, critical: false } }),
    outbox: heartbeat({ maxAgeMs: 30_000 }),
    maintenance: gate(),
  },
  startup: {
    connect: ({ signal }) => ping(signal),
    migrate: { run: migrate, after: ["connect"] },
  },
});
