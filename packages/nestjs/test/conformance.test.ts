import { describeConformance } from "@otel-health/testkit/conformance";
import { adapters } from "./adapters.ts";

for (const adapter of adapters) describeConformance(adapter);
