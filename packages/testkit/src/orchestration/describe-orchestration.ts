import { describe } from "vitest";
import type { OrchestrationAdapter } from "./adapter.ts";
import { describeBehindKillingBalancer } from "./behind-killing-balancer.ts";
import { describeOnKubernetes } from "./on-kubernetes.ts";

/** The life of a service under those who probe it and act on what they see; every way to serve probes goes through it. */
export function describeOrchestration(adapter: OrchestrationAdapter): void {
  describe(adapter.name, () => {
    describeOnKubernetes(adapter);
    describeBehindKillingBalancer(adapter);
  });
}
