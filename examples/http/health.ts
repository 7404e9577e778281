import { createHealth, gate } from "@otel-health/http";

export const health = createHealth({
  service: { name: "teas", version: "1.4.2" },
  checks: { maintenance: gate() },
});
