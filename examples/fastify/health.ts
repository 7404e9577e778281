import { createHealth, heartbeat } from "@otel-health/fastify";

export const health = createHealth({
  service: { name: "tea", version: "1.0.0" },
  checks: { kettle: heartbeat({ maxAgeMs: 30_000 }) },
});
