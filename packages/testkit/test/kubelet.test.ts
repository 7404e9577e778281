import { FakeClock } from "@otel-health/core/testing";
import { Kubelet, type PodSettings } from "@otel-health/testkit";
import { describe, expect, it } from "vitest";
import { type FakeContainer, fakeContainer } from "./fake-container.ts";

const all: PodSettings = {
  startup: { path: "/startup" },
  readiness: { path: "/readiness" },
  liveness: { path: "/liveness" },
};

/** A kubelet of one container, and the seconds of its time. */
async function kubeletOf(settings: PodSettings, statuses: Record<string, number> = {}) {
  const clock = new FakeClock();
  const container = await fakeContainer();
  Object.assign(container.statuses, statuses);
  const kubelet = new Kubelet(clock, settings, container);
  await kubelet.tick();
  return {
    kubelet,
    container,
    async pass(seconds: number) {
      for (let i = 0; i < seconds; i++) {
        await clock.advance(1_000);
        await kubelet.tick();
      }
    },
    [Symbol.asyncDispose]: () => container[Symbol.asyncDispose](),
  };
}

/** What was asked since the last call. */
function asked({ requests }: FakeContainer): (string | undefined)[] {
  return requests.splice(0).map(({ url }) => url);
}

describe("Kubelet", () => {
  it("asks for nothing but startup until that has passed, then for readiness at once and liveness at its time", async () => {
    await using pod = await kubeletOf({ ...all, startup: { path: "/startup", periodSeconds: 6 } }, { "/startup": 503 });
    await pod.pass(11);
    expect(asked(pod.container)).toEqual(["/startup", "/startup"]);
    pod.container.statuses["/startup"] = 200;
    expect(pod.kubelet.actions).toEqual([]);
    await pod.pass(1);
    expect(asked(pod.container)).toEqual(["/startup", "/readiness"]);
    expect(pod.kubelet.actions).toEqual(["started", "ready"]);
    await pod.pass(7);
    expect(asked(pod.container)).toEqual([]);
    await pod.pass(1);
    expect(asked(pod.container)).toEqual(["/liveness"]);
    await pod.pass(2);
    expect(asked(pod.container)).toEqual(["/readiness"]);
    await pod.pass(60);
    expect(new Set(asked(pod.container))).toEqual(new Set(["/readiness", "/liveness"]));
  });

  it("restarts what fails its startup probe as often as its threshold says", async () => {
    await using pod = await kubeletOf(
      { ...all, startup: { path: "/startup", failureThreshold: 5 } },
      { "/startup": 503 },
    );
    await pod.pass(39);
    expect(pod.kubelet.actions).toEqual([]);
    await pod.pass(1);
    expect(pod.kubelet.actions).toEqual(["restart: startup"]);
    expect(pod.container.signals).toEqual(["SIGTERM"]);
    asked(pod.container);
    await pod.pass(20);
    expect(asked(pod.container)).toEqual([]);
  });

  it("is slow to believe and counts in a row", async () => {
    await using pod = await kubeletOf({
      readiness: { path: "/readiness", periodSeconds: 1, failureThreshold: 3, successThreshold: 2 },
    });
    expect(pod.kubelet.actions).toEqual(["started"]);
    await pod.pass(1);
    expect(pod.kubelet.actions).toEqual(["started", "ready"]);
    pod.container.statuses["/readiness"] = 503;
    await pod.pass(2);
    pod.container.statuses["/readiness"] = 200;
    await pod.pass(1);
    pod.container.statuses["/readiness"] = 503;
    await pod.pass(2);
    expect(pod.kubelet.actions).toEqual(["started", "ready"]);
    await pod.pass(1);
    expect(pod.kubelet.actions).toEqual(["started", "ready", "unready"]);
    pod.container.statuses["/readiness"] = 200;
    await pod.pass(1);
    expect(pod.kubelet.isRouted).toBe(false);
    await pod.pass(1);
    expect(pod.kubelet.actions).toEqual(["started", "ready", "unready", "ready"]);
  });

  it("takes liveness as given until it fails, restarts once, and asks no more for it", async () => {
    await using pod = await kubeletOf(all, { "/liveness": 500 });
    expect(pod.kubelet.actions).toEqual(["started", "ready"]);
    await pod.pass(19);
    expect(pod.kubelet.actions).toEqual(["started", "ready"]);
    await pod.pass(1);
    expect(pod.kubelet.actions).toEqual(["started", "ready", "restart: liveness"]);
    asked(pod.container);
    await pod.pass(20);
    expect(asked(pod.container)).toEqual(["/readiness", "/readiness"]);
    expect(pod.container.signals).toEqual(["SIGTERM"]);
  });

  it("kills what does not end within the grace period, and what takes its place begins anew", async () => {
    await using pod = await kubeletOf({ ...all, terminationGracePeriodSeconds: 15 }, { "/liveness": 500 });
    await pod.pass(34);
    expect(pod.container.signals).toEqual(["SIGTERM"]);
    await pod.pass(1);
    expect(pod.container.signals).toEqual(["SIGTERM", "SIGKILL"]);
    const killed = ["started", "ready", "restart: liveness", "killed", "unready"];
    expect(pod.kubelet.actions).toEqual(killed);
    pod.container.statuses["/startup"] = 503;
    pod.kubelet.run(pod.container);
    await pod.pass(10);
    expect(pod.kubelet.actions).toEqual(killed);
    pod.container.statuses["/startup"] = 200;
    await pod.pass(10);
    expect(pod.kubelet.actions).toEqual([...killed, "started", "ready"]);
  });

  it("does not kill what has ended in time", async () => {
    await using pod = await kubeletOf(all, { "/liveness": 500 });
    await pod.pass(20);
    pod.container.exited = true;
    await pod.pass(60);
    expect(pod.container.signals).toEqual(["SIGTERM"]);
    expect(pod.kubelet.actions).toEqual(["started", "ready", "restart: liveness", "unready"]);
  });

  it("restarts what ends by itself", async () => {
    await using pod = await kubeletOf(all);
    pod.container.exited = true;
    await pod.pass(2);
    expect(pod.kubelet.actions).toEqual(["started", "ready", "restart: exited", "unready"]);
  });

  it("takes a deleted pod out of its services at once, asks for nothing but readiness, and kills it in the end", async () => {
    await using pod = await kubeletOf(all);
    asked(pod.container);
    pod.container.statuses["/liveness"] = 503;
    pod.kubelet.delete();
    expect(pod.kubelet.actions).toEqual(["started", "ready", "unready"]);
    expect(pod.container.signals).toEqual(["SIGTERM"]);
    expect(pod.kubelet.serves).toBe(true);
    pod.container.statuses["/readiness"] = 503;
    await pod.pass(29);
    expect(asked(pod.container)).toEqual(["/readiness", "/readiness"]);
    await pod.pass(1);
    expect(pod.kubelet.actions).toEqual(["started", "ready", "unready", "killed"]);
    expect(pod.kubelet.serves).toBe(false);
  });

  it("gives the startup of a deleted pod up, and asks for its readiness", async () => {
    await using pod = await kubeletOf(all, { "/startup": 503 });
    asked(pod.container);
    pod.kubelet.delete();
    await pod.pass(20);
    expect(asked(pod.container)).toEqual(["/readiness", "/readiness"]);
    expect(pod.kubelet.actions).toEqual(["started"]);
  });

  it("leaves a probe alone until its initial delay is over", async () => {
    await using pod = await kubeletOf({ readiness: { path: "/readiness", initialDelaySeconds: 15 } });
    await pod.pass(19);
    expect(asked(pod.container)).toEqual([]);
    await pod.pass(1);
    expect(asked(pod.container)).toEqual(["/readiness"]);
  });

  it("takes no answer within the timeout for a failure", async () => {
    const hung = { path: "/readiness", timeoutSeconds: 0.05, failureThreshold: 1 };
    await using pod = await kubeletOf({ readiness: hung });
    pod.container.statuses["/readiness"] = 0;
    await pod.pass(10);
    expect(pod.kubelet.actions).toEqual(["started", "ready", "unready"]);
  });

  it("loses the probes that no tick came for, and keeps its beat", async () => {
    await using container = await fakeContainer();
    const clock = new FakeClock();
    const kubelet = new Kubelet(clock, { readiness: { path: "/readiness" } }, container);
    for (const ms of [0, 35_000, 4_000, 1_000]) {
      await clock.advance(ms);
      await kubelet.tick();
    }
    expect(clock.now()).toBe(40_000);
    expect(asked(container)).toHaveLength(3);
  });
});
