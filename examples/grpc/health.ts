import { createHealth, gate } from "@otel-health/grpc";

export const health = createHealth({
  service: { name: "teas", version: "1.4.2" },
  checks: { maintenance: gate() },
});
