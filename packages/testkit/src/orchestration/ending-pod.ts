import { describe, expect, it } from "vitest";
import { until } from "../until.ts";
import type { OrchestrationAdapter } from "./adapter.ts";
import { drainSeconds, type Instance } from "./instance.ts";
import { OpenRequest } from "./open-request.ts";
import { Pod } from "./pod.ts";

async function refuses(instance: Instance): Promise<boolean> {
  return await instance.ask({ url: "/orders" }).then(
    () => false,
    ({ code }) => code === "ECONNREFUSED",
  );
}

/** How a pod ends, and what becomes of the requests that still come. */
export function describeEndingPod(adapter: OrchestrationAdapter): void {
  describe("a pod on Kubernetes that is asked to end", () => {
    it("is unready at once when it is deleted, stays alive, and ends by itself before it is killed", async () => {
      await using pod = await Pod.ready(adapter);
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

    if (adapter.hasApp)
      it("answers what was sent to it before its services knew that it was deleted", async () => {
        await using pod = await Pod.ready(adapter);
        const { instance } = pod;
        using early = await OpenRequest.begin(instance.port);
        pod.kubelet.delete();
        for (let second = 1; second < drainSeconds; second++) {
          expect(await instance.ask({ url: "/orders" })).toMatchObject({ status: 200, body: '["tea"]' });
          await pod.pass(1);
        }
        using late = await OpenRequest.begin(instance.port);
        await pod.pass(1);
        await until(() => refuses(instance), { describe: "the listener is closed" });
        expect(instance.exited).toBe(false);
        for (const open of [early, late]) expect(await open.finish()).toMatchObject({ status: 200, body: '["tea"]' });
        await until(() => instance.exited, { describe: "the instance ends" });
        expect(instance.exitCode).toBe(0);
      });

    it("is taken out of service by its probe where nobody but the process knows that it ends", async () => {
      await using pod = await Pod.ready(adapter);
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
