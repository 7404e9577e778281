import type { Container } from "./container.ts";
import type { PodSettings } from "./pod-settings.ts";
import { ProbeWorker } from "./probe-worker.ts";

/** A container that runs, and what its probes have found. */
export class Running {
  readonly container: Container;
  readonly startup: ProbeWorker | undefined;
  readonly readiness: ProbeWorker | undefined;
  readonly liveness: ProbeWorker | undefined;
  /** Its startup probe has passed. */
  started = false;
  /** When what was asked to end is ended; infinite while it was not asked. */
  killAt: number = Number.POSITIVE_INFINITY;

  constructor(container: Container, { startup, readiness, liveness }: PodSettings, now: number) {
    const { port } = container;
    this.container = container;
    this.startup = startup && new ProbeWorker(startup, undefined, port, now);
    this.readiness = readiness && new ProbeWorker(readiness, false, port, now);
    this.liveness = liveness && new ProbeWorker(liveness, true, port, now);
  }

  /** Whether it can be sent requests, as far as its probes say. */
  get serves(): boolean {
    return this.started && (this.readiness === undefined || this.readiness.result === true);
  }

  get isEnding(): boolean {
    return this.killAt !== Number.POSITIVE_INFINITY;
  }

  end(killAt: number): void {
    this.killAt = Math.min(this.killAt, killAt);
    this.container.kill("SIGTERM");
  }
}
