import { startEmbeddedPostgres } from "./embedded-postgres.ts";
import { freePort } from "./free-port.ts";

// All that the environment decides. A port that is not given is a free one, so that two copies can run.
const {
  PORT,
  PROBE_PORT,
  ADMIN_PORT,
  METRICS_PORT,
  DATABASE_URL,
  CACHE_URL,
  SUPPLIER_URL,
  HEALTH_INTERVAL_MS,
  DRAIN_DELAY_MS,
  DEAD_AFTER_MS,
  TERMINATION_LOG,
} = process.env;

export const port = Number(PORT) || (await freePort());
export const probePort = Number(PROBE_PORT) || (await freePort());
export const adminPort = Number(ADMIN_PORT) || (await freePort());
export const metricsPort = Number(METRICS_PORT) || (await freePort());
export const databaseUrl = DATABASE_URL || (await startEmbeddedPostgres());
/** Without one the service works, uncached. */
export const cacheUrl = CACHE_URL || undefined;
/** Another service whose health is of interest; without one nobody is asked. */
export const supplierUrl = SUPPLIER_URL || undefined;
export const intervalMs = Number(HEALTH_INTERVAL_MS) || 10_000;
export const drainDelayMs = Number(DRAIN_DELAY_MS) || 5_000;
export const deadAfterMs = Number(DEAD_AFTER_MS) || 30_000;
/** Without one, Kubernetes' own where there is one. */
export const terminationLog = TERMINATION_LOG || undefined;
