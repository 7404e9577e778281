import { type AttributeValue, type Link, TraceFlags } from "@opentelemetry/api";
import type { Health, Transition } from "@otel-health/core";
import { attributes } from "../semconv.ts";

/** The part of a health object that is watched. */
export type WatchedHealth = Pick<Health, "on" | "snapshot" | "isHealthRequest">;

/** The span that a request's span is told of. */
interface Marked {
  setAttribute(key: string, value: AttributeValue): unknown;
  addLink?(link: Link): unknown;
}

/** More names, and more links, would make a span that nobody reads. */
const mostNamed = 16;

/** The incident of a check, by the span of the transition that opened it. */
interface Incident {
  readonly id: string | null;
  readonly link: Link;
}

/** One health object: which of its checks are in trouble, and where each trouble is told of. */
class Watched {
  readonly #health: WatchedHealth;
  readonly #incidents = new Map<string, Incident>();
  readonly #off: readonly (() => void)[];

  constructor(health: WatchedHealth, changed: () => void) {
    this.#health = health;
    this.#off = [
      health.on("change", changed),
      health.on("transition", (transition) => {
        this.#remember(transition);
        changed();
      }),
    ];
  }

  isProbe(request: Parameters<WatchedHealth["isHealthRequest"]>[0]): boolean {
    return this.#health.isHealthRequest(request);
  }

  /** Adds what is in trouble now. */
  collect(names: Set<string>, links: Link[]): void {
    const troubled = this.#health
      .snapshot()
      .entries.filter(
        ({ kind, status }) => kind !== "startup task" && (status === "degraded" || status === "unhealthy"),
      );
    for (const { name } of troubled) {
      names.add(name);
      const incident = this.#incidents.get(name);
      if (incident !== undefined) links.push(incident.link);
    }
  }

  stop(): void {
    for (const off of this.#off) off();
  }

  #remember(transition: Transition): void {
    if (transition.type !== "check") return;
    const { name, state, incidentId, traceId, spanId } = transition;
    if (state === "healthy") {
      this.#incidents.delete(name);
      return;
    }
    // The span that opened the incident, not one of those that follow in its trace.
    if (traceId === null || spanId === null || this.#incidents.get(name)?.id === incidentId) return;
    const context = { traceId, spanId, traceFlags: TraceFlags.SAMPLED };
    this.#incidents.set(name, { id: incidentId, link: { context } });
  }
}

/** Marks the spans of requests that are served while something is wrong. While nothing is, a span costs a comparison. */
export class Degradation {
  readonly #watched = new Set<Watched>();
  #names: readonly string[] = [];
  #links: readonly Link[] = [];
  #changed = false;

  /** Watches a health object; returns what ends it. */
  watch(health: WatchedHealth): () => void {
    const watched = new Watched(health, () => {
      this.#changed = true;
    });
    this.#watched.add(watched);
    this.#changed = true;
    return () => {
      watched.stop();
      this.#watched.delete(watched);
      this.#changed = true;
    };
  }

  /** Whether any health object is watched. */
  get isWatching(): boolean {
    return this.#watched.size > 0;
  }

  /** Whether a request is for a probe of a health object that is watched. */
  isProbe(request: Parameters<WatchedHealth["isHealthRequest"]>[0]): boolean {
    for (const watched of this.#watched) if (watched.isProbe(request)) return true;
    return false;
  }

  mark(span: Marked): void {
    if (this.#changed) this.#collect();
    if (this.#names.length === 0) return;
    // A copy: whoever processes the span may do with it what they like.
    span.setAttribute(attributes.degraded, [...this.#names]);
    for (const link of this.#links) span.addLink?.(link);
  }

  #collect(): void {
    this.#changed = false;
    const names = new Set<string>();
    const links: Link[] = [];
    for (const watched of this.#watched) watched.collect(names, links);
    this.#names = [...names].slice(0, mostNamed);
    this.#links = links.slice(0, mostNamed);
  }
}
