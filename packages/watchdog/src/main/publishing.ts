import { diag } from "@opentelemetry/api";
import type { Clock, Detail, EndpointOptions, Endpoints, Health, LifecyclePhase } from "@otel-health/core";
import { type AnswerPlan, publish } from "../memory/publication.ts";
import type { TripleWriter } from "../memory/triple-buffer.ts";
import { failureOf } from "./failure.ts";

/**
 * What leaves the verdicts as they are is published at most this often, in milliseconds: a check's state, and when it has
 * run last. The latter changes all the time, and rendering it costs the loop more than all its beats.
 */
const publishStatesEveryMs = 1_000;
const publishRunsEveryMs = 5_000;

/** With thousands of checks it is published seldom enough to take at most a fiftieth of the loop's time. */
const shareOfTime = 1 / 50;

/** Between two beats, changes are published at once for so many milliseconds; the rest waits for the next beat. */
const mostAtOnceMs = 10;

/** What is published of a health object. */
export type Published = Pick<Health, "endpoints" | "on" | "report" | "snapshot" | "verdict">;

/** Keeps what another thread answers as current as what the health object itself would. */
export class Publishing {
  readonly #health: Published;
  readonly #options: EndpointOptions;
  readonly #clock: Pick<Clock, "now">;
  readonly #probes: readonly string[];
  readonly #unlisten: () => void;
  #endpoints: Endpoints;
  #writer: TripleWriter | undefined;
  /** The version that was published last, and the verdicts and the phase in it. */
  #version = -1;
  #verdicts: readonly string[] = [];
  #phase: LifecyclePhase | undefined;
  #publishedAt = Number.NEGATIVE_INFINITY;
  #tookMs = 0;
  /** Milliseconds spent since the last beat, and whether it is not known yet if what changed since is news. */
  #spentMs = 0;
  #left = false;
  /** Whether more changed since the last publication than that a check has run. */
  #outdated = false;

  /** Throws `HealthError` for options that the endpoints refuse. */
  constructor(health: Published, options: EndpointOptions, clock: Pick<Clock, "now">) {
    this.#health = health;
    this.#options = options;
    this.#clock = clock;
    this.#probes = Object.keys(health.snapshot().probes);
    this.#endpoints = health.endpoints(options);
    this.#unlisten = health.on("change", () => this.#changed());
  }

  /** What every publication has in the same order. */
  plans(): readonly AnswerPlan[] {
    return this.#endpoints
      .render()
      .map(({ paths, probe, format, statusCodes }) => ({ paths, probe, format, statusCodes }));
  }

  /** From now on there, and what there is at once. */
  publishTo(writer: TripleWriter): void {
    this.#writer = writer;
    this.#publish();
  }

  /** To be called with each beat of the loop, and when that is. */
  beat(now: number): void {
    this.#spentMs = 0;
    const everyMs = this.#outdated ? publishStatesEveryMs : publishRunsEveryMs;
    const isDue = now - this.#publishedAt >= Math.max(everyMs, this.#tookMs / shareOfTime);
    if (isDue ? this.#health.snapshot().version !== this.#version : this.#left && this.#isNews()) this.#publish();
    this.#left = false;
  }

  /** Publishes nothing any more. */
  close(): void {
    this.#unlisten();
    this.#endpoints.close();
    this.#writer = undefined;
  }

  /** A loop that is blocked right after a change must not have kept it to itself; a storm of them must not block it. */
  #changed(): void {
    this.#outdated = true;
    if (this.#spentMs >= mostAtOnceMs) {
      this.#left = true;
      return;
    }
    const before = this.#clock.now();
    if (this.#isNews()) this.#publish();
    this.#spentMs += this.#clock.now() - before;
  }

  /** Whether what a prober acts on is other than what was published. */
  #isNews(): boolean {
    return (
      this.#probes.some((probe, i) => this.#health.verdict(probe) !== this.#verdicts[i]) ||
      this.#health.snapshot().lifecycle !== this.#phase
    );
  }

  #publish(): void {
    const writer = this.#writer;
    if (writer === undefined) return;
    const { version, lifecycle } = this.#health.snapshot();
    const before = this.#clock.now();
    this.#version = version;
    this.#verdicts = this.#probes.map((probe) => this.#health.verdict(probe));
    this.#phase = lifecycle;
    this.#outdated = false;
    const failure = failureOf(this.#health);
    try {
      publish(writer, this.#endpoints.render(), failure);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#tellLess(error);
      publish(writer, this.#endpoints.render(), failure);
    }
    this.#publishedAt = this.#clock.now();
    this.#tookMs = this.#publishedAt - before;
  }

  /** What no memory was made for is the list of checks. */
  #tellLess(why: RangeError): void {
    diag.warn(
      "otel-health: there are too many checks for the watchdog to tell of, so it tells the verdicts alone",
      why,
    );
    const detail: Record<string, Detail> = Object.fromEntries(this.#probes.map((probe) => [probe, "status"]));
    const endpoints = this.#health.endpoints({
      ...this.#options,
      detail: detail as EndpointOptions["detail"] & object,
    });
    this.#endpoints.close();
    this.#endpoints = endpoints;
  }
}
