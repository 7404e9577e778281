import { describeOrchestration } from "@otel-health/testkit/orchestration";
import { adapters } from "./adapters.ts";

for (const adapter of adapters) describeOrchestration(adapter);
