import type { Attributes, SpanContext } from "@opentelemetry/api";
import type { Clock } from "../clock.ts";
import type { Fault } from "../observation/outcome.ts";
import type { HealthState } from "../state/check-state.ts";
import { CompanionMeters } from "./companion-meters.ts";
import { Events } from "./events.ts";
import { attend, complain } from "./guard.ts";
import { type Incident, randomIncidentId, worst } from "./incident.ts";
import { type MetricSource, Metrics } from "./metrics.ts";
import { Providers } from "./providers.ts";
import { attributes, events } from "./semconv.ts";
import { Spans } from "./spans.ts";
import type { CheckTransition, ProbeTransition, Transition } from "./transition.ts";
import { UnseenSdk } from "./unseen-sdk.ts";

/** What telemetry is told about a check: facts of the moment, no decisions. */
export interface CheckFacts {
  readonly name: string;
  readonly critical: boolean;
  readonly state: HealthState;
  readonly consecutiveFailures: number;
  readonly message: string | undefined;
  readonly hint: string | undefined;
  readonly errorType: string | undefined;
  readonly fault: Fault | undefined;
  /** The check to blame, where that is another one. */
  readonly causedBy: string | undefined;
}

/** A transition that has its span and its incident, and is not announced yet. */
export interface Opened {
  readonly span: SpanContext | undefined;
  /** Null outside of an incident. */
  readonly incidentId: string | null;
  /** The incident from now on; undefined once it is over. */
  readonly incident: Incident | undefined;
}

/** Hears of transitions. One that throws or rejects is reported through `diag`. */
export type TransitionListener = (transition: Transition) => void | Promise<void>;

/** All that leaves the process about health. Nothing here changes a state, and nothing here may throw. */
export class Telemetry {
  readonly providers: Providers = new Providers();
  readonly metrics: Metrics;
  readonly companions: CompanionMeters = new CompanionMeters(this.providers);
  readonly spans: Spans = new Spans(this.providers);
  readonly unseenSdk: UnseenSdk = new UnseenSdk(this.providers);
  readonly #events: Events = new Events(this.providers);
  readonly #listeners = new Set<TransitionListener>();
  readonly #clock: Clock;

  constructor(clock: Clock, source: MetricSource) {
    this.#clock = clock;
    this.metrics = new Metrics(this.providers, source);
  }

  /** Binds all instruments to the provider of now. Cheap while nothing changed. */
  bind(): void {
    this.metrics.bind();
    this.companions.bind();
  }

  listen(listener: TransitionListener): () => void {
    // Wrapped, so that a listener that is added twice is called twice and removed one by one.
    const added: TransitionListener = (transition) => listener(transition);
    this.#listeners.add(added);
    return () => void this.#listeners.delete(added);
  }

  /** Writes the transition span and opens, continues or closes the incident. `wallSince`: when the trouble began. */
  open(
    facts: CheckFacts,
    previous: HealthState,
    wallAt: number,
    wallSince: number,
    runs: readonly SpanContext[],
    incident: Incident | undefined,
  ): Opened {
    const troubled = facts.state !== "healthy";
    let id = incident?.id ?? null;
    const idOf = (span: SpanContext | undefined) => {
      if (id === null && troubled) id = span?.traceId ?? randomIncidentId(this.#clock);
      return id;
    };
    const { name, state, message } = facts;
    // The incident's id is known once the span is: the span sets it itself.
    const told = describe(facts, null, previous);
    const span = this.spans.transition({ name, state, message, wallAt, attributes: told }, runs, incident, idOf);
    // Without an SDK nobody asked yet.
    const incidentId = idOf(span);
    if (!troubled || incidentId === null) return { span, incidentId, incident: undefined };
    const next: Incident =
      incident === undefined
        ? { id: incidentId, wallSince, span, worst: state }
        : { ...incident, worst: worst(incident.worst, state) };
    return { span, incidentId, incident: next };
  }

  checkTransition(facts: CheckFacts, transition: CheckTransition, span: SpanContext | undefined): void {
    const { name, state, previousState, severity, timestamp, incidentId } = transition;
    const told = describe(facts, incidentId, previousState);
    this.#events.emit(events.checkTransition, severity, timestamp.getTime(), `${name} is ${state}`, told, span);
    this.#announce(transition);
  }

  probeTransition(transition: ProbeTransition, span: SpanContext | undefined): void {
    const { probe, state, previousState, severity, timestamp, lifecycle, checks, incidentId } = transition;
    this.metrics.probeTransition(probe, state, previousState);
    const told: Attributes = {
      [attributes.probeType]: probe,
      [attributes.state]: state,
      [attributes.previousState]: previousState,
      [attributes.lifecycle]: lifecycle,
      ...(checks.length > 0 && { [attributes.probeChecks]: [...checks] }),
      ...(incidentId !== null && { [attributes.incidentId]: incidentId }),
    };
    this.#events.emit(events.probeTransition, severity, timestamp.getTime(), `${probe} is ${state}`, told, span);
    this.#announce(transition);
  }

  /** A transient fault has lasted: louder than the transition that began it. */
  persistent(facts: CheckFacts, wallAt: number, incident: Incident | undefined): void {
    const severity = facts.critical ? "error2" : "error";
    const told = describe(facts, incident?.id ?? null);
    this.#events.emit(events.checkPersistent, severity, wallAt, `${facts.name} keeps failing`, told, incident?.span);
  }

  /** A check has begun to change too often, or is calm again. */
  flapping(facts: CheckFacts, flapping: boolean, wallAt: number, incident: Incident | undefined): void {
    const body = flapping ? `${facts.name} keeps changing` : `${facts.name} is calm again`;
    const told = describe(facts, incident?.id ?? null);
    told[attributes.checkFlapping] = flapping;
    this.#events.emit(events.checkFlapping, flapping ? "warn" : "info", wallAt, body, told, incident?.span);
  }

  /** Passes have become slow, or quick again. */
  slow(facts: CheckFacts, slow: boolean, wallAt: number): void {
    const body = slow ? `${facts.name} passes slowly` : `${facts.name} passes in time again`;
    this.#events.emit(events.checkSlow, slow ? "warn" : "info", wallAt, body, describe(facts, null), undefined);
  }

  #announce(transition: Transition): void {
    // Of those that are there now: one that takes itself off and on again would be told without end.
    for (const listener of [...this.#listeners]) {
      if (!this.#listeners.has(listener)) continue;
      try {
        attend("a transition listener rejected", listener(transition));
      } catch (error) {
        complain("a transition listener threw", error);
      }
    }
  }
}

/** A new object each time: whoever is given it may do with it what they like. */
function describe(facts: CheckFacts, incidentId: string | null, previous?: HealthState): Attributes {
  const { message, hint, errorType, fault, causedBy } = facts;
  const told: Attributes = {
    [attributes.checkName]: facts.name,
    [attributes.state]: facts.state,
    [attributes.checkCritical]: facts.critical,
    [attributes.checkConsecutiveFailures]: facts.consecutiveFailures,
  };
  if (message !== undefined) told[attributes.checkMessage] = message;
  if (hint !== undefined) told[attributes.checkHint] = hint;
  if (errorType !== undefined) told[attributes.errorType] = errorType;
  if (fault !== undefined) told[attributes.checkFault] = fault;
  if (causedBy !== undefined) told[attributes.checkCausedBy] = causedBy;
  if (incidentId !== null) told[attributes.incidentId] = incidentId;
  if (previous !== undefined) told[attributes.previousState] = previous;
  return told;
}
