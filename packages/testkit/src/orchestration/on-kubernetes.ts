import { fail, pass } from "@otel-health/core";
import { recordTransitions } from "@otel-health/core/testing";
import { describe, expect, it } from "vitest";
import { until } from "../until.ts";
import type { OrchestrationAdapter } from "./adapter.ts";
import { hazards } from "./hazards.ts";
import { drainSeconds } from "./instance.ts";
import { OpenRequest } from "./open-request.ts";
import { Pod } from "./pod.ts";

async function readyPod(adapter: OrchestrationAdapter): Promise<Pod> {
  const pod = await Pod.start(adapter);
  await pod.pass(60);
  expect(pod.kubelet.actions).toEqual(["started", "ready"]);
  return pod;
}

const gone = new Error("the database is gone");

/** What becomes of a pod: its kubelet's actions, all of them. */
export function describeOnKubernetes(adapter: OrchestrationAdapter): void {
  describe("on Kubernetes", () => {
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
      await using pod = await readyPod(adapter);
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
      await using pod = await readyPod(adapter);
      using transitions = recordTransitions(pod.instance.health);
      const blip = fail("one packet was lost");
      pod.instance.database.set(blip, blip, pass());
      await pod.pass(120);
      expect(pod.instance.database.runs.filter(({ step }) => step === blip)).toHaveLength(2);
      expect(transitions.all).toEqual([]);
      expect(pod.kubelet.actions).toEqual(["started", "ready"]);
    });

    it.each(hazards)("is not restarted when a dependency $what", async ({ step, unready }) => {
      await using pod = await readyPod(adapter);
      pod.instance.database.set(step);
      await pod.pass(600);
      pod.instance.database.set(pass());
      await pod.pass(600);
      expect(pod.kubelet.actions).toEqual(["started", "ready", ...(unready ? ["unready", "ready"] : [])]);
    });

    it("is not restarted when a dependency flaps", async () => {
      await using pod = await readyPod(adapter);
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

    it("is restarted for what only a restart mends", async () => {
      await using pod = await readyPod(adapter);
      pod.instance.health.fatal("the heap is corrupt");
      await pod.pass(60);
      expect(pod.kubelet.actions).toEqual(["started", "ready", "unready", "restart: liveness"]);
    });

    it("is restarted when its own loop has stopped, and the next instance begins anew", async () => {
      await using pod = await readyPod(adapter);
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

    it("is unready at once when it is deleted, stays alive, and ends by itself before it is killed", async () => {
      await using pod = await readyPod(adapter);
      const { instance, kubelet } = pod;
      kubelet.delete();
      const drained = ["started", "ready", "unready"];
      expect(kubelet.actions).toEqual(drained);
      expect(await instance.statuses()).toEqual({ "/startupz": 200, "/readyz": 503, "/servez": 503, "/livez": 200 });
      expect(kubelet.serves).toBe(true);
      await pod.pass(drainSeconds - 1);
      // The endpoints are told before anybody is refused.
      expect(kubelet.serves).toBe(false);
      expect(await instance.statuses()).toMatchObject({ "/readyz": 503, "/livez": 200 });
      await pod.pass(1);
      await until(() => instance.exited, { describe: "the instance ends" });
      expect(instance.exitCode).toBe(0);
      await expect(instance.ask({ url: "/livez" })).rejects.toMatchObject({ code: "ECONNREFUSED" });
      await pod.pass(60);
      expect(kubelet.actions).toEqual(drained);
    });

    it.runIf(adapter.hasApp)("answers what was sent to it before its services knew that it was deleted", async () => {
      await using pod = await readyPod(adapter);
      const { instance } = pod;
      using early = await OpenRequest.begin(instance.port);
      pod.kubelet.delete();
      for (let second = 1; second < drainSeconds; second++) {
        expect(await instance.ask({ url: "/orders" })).toMatchObject({ status: 200, body: '["tea"]' });
        await pod.pass(1);
      }
      using late = await OpenRequest.begin(instance.port);
      await pod.pass(1);
      await until(
        () =>
          instance.ask({ url: "/orders" }).then(
            () => false,
            ({ code }) => code === "ECONNREFUSED",
          ),
        {
          describe: "the listener is closed",
        },
      );
      expect(instance.exited).toBe(false);
      for (const open of [early, late]) expect(await open.finish()).toMatchObject({ status: 200, body: '["tea"]' });
      await until(() => instance.exited, { describe: "the instance ends" });
      expect(instance.exitCode).toBe(0);
    });

    it("is taken out of service by its probe where nobody but the process knows that it ends", async () => {
      await using pod = await readyPod(adapter);
      const { instance, kubelet } = pod;
      instance.kill("SIGTERM");
      const statuses = new Set<number>();
      for (let second = 1; second < drainSeconds; second++) {
        if (kubelet.isRouted && adapter.hasApp) statuses.add((await instance.ask({ url: "/orders" })).status);
        await pod.pass(1);
      }
      expect(kubelet.actions).toEqual(["started", "ready", "unready"]);
      expect([...statuses]).toEqual(adapter.hasApp ? [200] : []);
      await pod.pass(1);
      await until(() => instance.exited, { describe: "the instance ends" });
      await pod.pass(1);
      expect(kubelet.actions).toEqual(["started", "ready", "unready", "restart: exited"]);
    });
  });
}
