import { describe } from "vitest";
import type { OrchestrationAdapter } from "./adapter.ts";
import { describeBehindKillingBalancer } from "./behind-killing-balancer.ts";
import { describeEndingPod } from "./ending-pod.ts";
import { describeLivingPod } from "./living-pod.ts";
import { describeRestartedPod } from "./restarted-pod.ts";

/** The life of a service under those who probe it and act on what they see; every way to serve probes goes through it. */
export function describeOrchestration(adapter: OrchestrationAdapter): void {
  describe(adapter.name, () => {
    describeLivingPod(adapter);
    describeRestartedPod(adapter);
    describeEndingPod(adapter);
    describeBehindKillingBalancer(adapter);
  });
}
