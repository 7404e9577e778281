import type { Clock } from "@otel-health/core";
import type { Container } from "./container.ts";
import type { PodSettings } from "./pod-settings.ts";
import { Running } from "./running.ts";

/**
 * What Kubernetes does with a pod.
 * - `started`: the startup probe has passed, the other two begin.
 * - `ready`, `unready`: it is put into the endpoints of its services, and taken out.
 * - `restart: …`: the container is asked to end (SIGTERM) for another to take its place, since that probe failed; or it
 *   ended by itself, and another takes its place.
 * - `killed`: it was asked to end, and had not when the grace period was over (SIGKILL).
 */
export type PodAction =
  | "started"
  | "ready"
  | "unready"
  | "restart: startup"
  | "restart: liveness"
  | "restart: exited"
  | "killed";

/**
 * A kubelet for one pod of one container: it probes as Kubernetes does, and what it does is recorded. Its time is the
 * clock's and passes in ticks, its requests are real.
 */
export class Kubelet {
  readonly #clock: Pick<Clock, "now">;
  readonly #settings: PodSettings;
  readonly #actions: PodAction[] = [];
  #running: Running | undefined;
  #deleted = false;
  #routed = false;

  constructor(clock: Pick<Clock, "now">, settings: PodSettings, container: Container) {
    this.#clock = clock;
    this.#settings = settings;
    this.run(container);
  }

  /** Everything that it has done, in order. */
  get actions(): readonly PodAction[] {
    return this.#actions;
  }

  /** Whether services send requests to the pod. */
  get isRouted(): boolean {
    return this.#routed;
  }

  /**
   * Whether the pod is ready as far as its probe says: the `serving` of an EndpointSlice, which goes on to be told after
   * the pod was deleted.
   */
  get serves(): boolean {
    return this.#running?.serves ?? false;
  }

  /** Runs a container in place of one that was to be restarted; it knows nothing of what the probes found of that. */
  run(container: Container): void {
    this.#running = new Running(container, this.#settings, this.#clock.now());
    this.#route();
  }

  /** Deletes the pod: no service sends requests to it, and it is asked to end. */
  delete(): void {
    this.#deleted = true;
    this.#route();
    this.#end();
  }

  /** Does what is due at this time of the clock. */
  async tick(): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    const now = this.#clock.now();
    if (running.container.exited) {
      if (!running.isEnding) this.#actions.push("restart: exited");
      this.#running = undefined;
    } else if (now >= running.killAt) {
      this.#actions.push("killed");
      running.container.kill("SIGKILL");
      this.#running = undefined;
    } else await this.#probe(running, now);
    this.#route();
  }

  async #probe(running: Running, now: number): Promise<void> {
    const { startup, readiness, liveness, started } = running;
    await startup?.tick(now, started || running.isEnding);
    if (!started) this.#judgeStart(running, now);
    await readiness?.tick(now, !running.started);
    this.#route();
    // It is on hold from its failure on, until there is a new container.
    await liveness?.tick(now, !running.started || running.isEnding);
    if (liveness?.result === false && !running.isEnding) this.#restart("liveness");
  }

  #judgeStart(running: Running, now: number): void {
    const { startup, readiness, isEnding } = running;
    // Of a pod that is deleted, the startup probe is given up and recorded as passed.
    if (startup === undefined || startup.result === true || this.#deleted) {
      running.started = true;
      this.#actions.push("started");
      readiness?.trigger(now);
    } else if (startup.result === false && !isEnding) this.#restart("startup");
  }

  #restart(why: "startup" | "liveness"): void {
    this.#actions.push(`restart: ${why}`);
    this.#end();
  }

  #end(): void {
    const { terminationGracePeriodSeconds = 30 } = this.#settings;
    this.#running?.end(this.#clock.now() + terminationGracePeriodSeconds * 1000);
  }

  #route(): void {
    const routed = this.serves && !this.#deleted;
    if (routed !== this.#routed) this.#actions.push(routed ? "ready" : "unready");
    this.#routed = routed;
  }
}
