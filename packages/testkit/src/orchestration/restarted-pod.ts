import { describe, expect, it } from "vitest";
import { until } from "../until.ts";
import type { OrchestrationAdapter } from "./adapter.ts";
import { drainSeconds } from "./instance.ts";
import { Pod } from "./pod.ts";

/** What its kubelet restarts a pod for. */
export function describeRestartedPod(adapter: OrchestrationAdapter): void {
  describe("a pod on Kubernetes that is beyond repair", () => {
    it("is restarted for what only a restart mends", async () => {
      await using pod = await Pod.ready(adapter);
      pod.instance.health.fatal("the heap is corrupt");
      await pod.pass(60);
      expect(pod.kubelet.actions).toEqual(["started", "ready", "unready", "restart: liveness"]);
    });

    it("is restarted when its own loop has stopped, and the next instance begins anew", async () => {
      await using pod = await Pod.ready(adapter);
      pod.instance.isStalled = true;
      const stalled = ["started", "ready", "restart: liveness", "unready"];
      await pod.pass(59);
      expect(pod.kubelet.actions).toEqual(stalled.slice(0, 3));
      await pod.pass(drainSeconds + 1);
      await until(() => pod.instance.exited, { describe: "the stalled instance ends" });
      await pod.pass(1);
      expect(pod.kubelet.actions).toEqual(stalled);
      expect(pod.instance.exitCode).toBe(0);
      await pod.restart();
      await pod.pass(60);
      expect(pod.kubelet.actions).toEqual([...stalled, "started", "ready"]);
    });
  });
}
