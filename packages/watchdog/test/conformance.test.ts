import { describeConformance } from "@otel-health/testkit/conformance";
import { adapter } from "./adapter.ts";

describeConformance(adapter);
