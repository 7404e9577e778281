import { fail, pass } from "@otel-health/core";
import { recordTransitions } from "@otel-health/core/testing";
import { describe, expect, it } from "vitest";
import type { OrchestrationAdapter } from "./adapter.ts";
import { hazards } from "./hazards.ts";
import { Pod } from "./pod.ts";

const gone = new Error("the database is gone");

/** What its kubelet does with a pod that starts, and whose dependencies fail: all of it. */
export function describeLivingPod(adapter: OrchestrationAdapter): void {
  describe("a pod on Kubernetes", () => {
    it("gets no traffic and is not restarted while it starts, and is ready when its startup is done", async () => {
      await using pod = await Pod.start(adapter);
      await pod.kubelet.tick();
      expect(await pod.instance.statuses()).toEqual({
        "/startupz": 503,
        "/readyz": 503,
        "/servez": 503,
        "/livez": 200,
      });
      await pod.pass(9);
      expect(pod.kubelet.actions).toEqual([]);
      await pod.pass(51);
      expect(pod.kubelet.actions).toEqual(["started", "ready"]);
      expect(await pod.instance.statuses()).toEqual({
        "/startupz": 200,
        "/readyz": 200,
        "/servez": 200,
        "/livez": 200,
      });
    });

    it("is out of service while a critical dependency is gone, and nothing else", async () => {
      await using pod = await Pod.ready(adapter);
      pod.instance.database.set(gone);
      await pod.pass(600);
      expect(pod.kubelet.actions).toEqual(["started", "ready", "unready"]);
      expect(await pod.instance.statuses()).toEqual({
        "/startupz": 200,
        "/readyz": 503,
        "/servez": 200,
        "/livez": 200,
      });
      pod.instance.database.set(pass());
      await pod.pass(60);
      expect(pod.kubelet.actions).toEqual(["started", "ready", "unready", "ready"]);
    });

    it("takes no notice of a blip", async () => {
      await using pod = await Pod.ready(adapter);
      using transitions = recordTransitions(pod.instance.health);
      const blip = fail("one packet was lost");
      pod.instance.database.set(blip, blip, pass());
      await pod.pass(120);
      expect(pod.instance.database.runs.filter(({ step }) => step === blip)).toHaveLength(2);
      expect(transitions.all).toEqual([]);
      expect(pod.kubelet.actions).toEqual(["started", "ready"]);
    });

    it.each(hazards)("is not restarted when a dependency $what", async ({ step, unready }) => {
      await using pod = await Pod.ready(adapter);
      pod.instance.database.set(step);
      await pod.pass(600);
      pod.instance.database.set(pass());
      await pod.pass(600);
      expect(pod.kubelet.actions).toEqual(["started", "ready", ...(unready ? ["unready", "ready"] : [])]);
    });

    it("is not restarted when a dependency flaps", async () => {
      await using pod = await Pod.ready(adapter);
      for (let i = 0; i < 6; i++) {
        pod.instance.database.set(gone);
        await pod.pass(90);
        pod.instance.database.set(pass());
        await pod.pass(90);
      }
      const swings = pod.kubelet.actions.slice(2);
      expect(new Set(swings)).toEqual(new Set(["unready", "ready"]));
      // From some swing on it is held where it is.
      expect(swings.length).toBeLessThan(12);
      expect(pod.kubelet.isRouted).toBe(false);
      await pod.pass(600);
      expect(pod.kubelet.actions.slice(2)).toEqual([...swings, "ready"]);
    });
  });
}
