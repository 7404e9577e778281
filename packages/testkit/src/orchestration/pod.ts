import { FakeClock } from "@otel-health/core/testing";
import { expect } from "vitest";
import { Kubelet } from "../kubelet/kubelet.ts";
import type { PodSettings } from "../kubelet/pod-settings.ts";
import type { OrchestrationAdapter } from "./adapter.ts";
import { drainSeconds, Instance } from "./instance.ts";

// Real seconds: that the machine is slow must not fail a probe.
const timeoutSeconds = 10;

const settings: PodSettings = {
  startup: { path: "/startupz", failureThreshold: 30, timeoutSeconds },
  readiness: { path: "/readyz", timeoutSeconds },
  liveness: { path: "/livez", timeoutSeconds },
  terminationGracePeriodSeconds: drainSeconds + 20,
};

/** A pod of one instance, and its kubelet, on a clock of their own. */
export class Pod implements AsyncDisposable {
  readonly kubelet: Kubelet;
  readonly #adapter: OrchestrationAdapter;
  readonly #clock: FakeClock;
  readonly #instances: Instance[];

  private constructor(adapter: OrchestrationAdapter, clock: FakeClock, first: Instance) {
    this.#adapter = adapter;
    this.#clock = clock;
    this.#instances = [first];
    this.kubelet = new Kubelet(clock, settings, first);
  }

  static async start(adapter: OrchestrationAdapter): Promise<Pod> {
    const clock = new FakeClock();
    return new Pod(adapter, clock, await Instance.start(adapter, clock));
  }

  /** It has started, and gets traffic. */
  static async ready(adapter: OrchestrationAdapter): Promise<Pod> {
    const pod = await Pod.start(adapter);
    await pod.pass(60);
    expect(pod.kubelet.actions).toEqual(["started", "ready"]);
    return pod;
  }

  /** The one that runs, or ran last. */
  get instance(): Instance {
    return this.#instances.at(-1) as Instance;
  }

  /** Time goes by, second by second. */
  async pass(seconds: number): Promise<void> {
    for (let i = 0; i < seconds; i++) {
      await this.#clock.advance(1_000);
      this.instance.turn();
      await this.kubelet.tick();
    }
  }

  /** Starts an instance in place of the one that was to be restarted. */
  async restart(): Promise<void> {
    const next = await Instance.start(this.#adapter, this.#clock);
    this.#instances.push(next);
    this.kubelet.run(next);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const instance of this.#instances) await instance[Symbol.asyncDispose]();
  }
}
