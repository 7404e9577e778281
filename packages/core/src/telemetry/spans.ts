import {
  type Attributes,
  type Link,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from "@opentelemetry/api";
import type { Observation } from "../observation/observation.ts";
import type { HealthState } from "../state/check-state.ts";
import { guarded } from "./guard.ts";
import { hrTime } from "./hr-time.ts";
import type { Incident } from "./incident.ts";
import type { Providers } from "./providers.ts";
import { attributes, spans } from "./semconv.ts";

interface SpanStart {
  readonly name: string;
  readonly parent: SpanContext | undefined;
  readonly links: readonly SpanContext[];
  /** Wall milliseconds. */
  readonly from: number;
  /** A sampler sees these. */
  readonly attributes: Attributes;
}

/** A span whose beginning and end are known. */
export interface SpanParts extends SpanStart {
  readonly to: number;
  /** Set on what failed; the text is the span's status description. */
  readonly error: string | undefined;
  readonly beforeEnd?: (span: Span) => void;
}

/** A transition as a span tells it. */
export interface ChangeOfState {
  readonly name: string;
  readonly state: HealthState;
  readonly message: string | undefined;
  readonly wallAt: number;
  readonly attributes: Attributes;
}

/** Which check ran, and in which incident if any. */
export interface RunOfCheck {
  readonly name: string;
  readonly critical: boolean;
  readonly incident: Incident | undefined;
}

/** Whose outage it is. */
export interface Outage {
  readonly name: string;
  readonly critical: boolean;
  readonly incident: Incident;
}

/** Why a span of an outage ends where it does; `segment`: to tell of it while it lasts. */
export type OutageEndReason = "recovered" | "shutdown" | "unregistered" | "segment";

/** Writes spans after the fact: each is started and ended in one call, so a crash loses none that was due. */
export class Spans {
  readonly #source: Pick<Providers, "tracer">;

  constructor(source: Pick<Providers, "tracer">) {
    this.#source = source;
  }

  /** A run that nobody knew to be notable before it was over, linked to the transition of its incident if there is one. */
  run(run: RunOfCheck, failures: number, observation: Observation): SpanContext | undefined {
    const { wallAt, durationMs } = observation;
    return this.write({
      ...this.#runStart(run, wallAt - (durationMs ?? 0)),
      to: wallAt,
      error: undefined,
      beforeEnd: (span) => describeEnd(span, failures, observation),
    });
  }

  /** The span of a run that begins now; undefined where nothing would come of it. */
  beginRun(run: RunOfCheck, wallAt: number): Span | undefined {
    return guarded(`beginning a span of ${run.name}`, () => {
      const span = this.#start(this.#runStart(run, wallAt));
      return span !== undefined && trace.isSpanContextValid(span.spanContext()) ? span : undefined;
    });
  }

  /** Ends the span of a run, with what was found, or without where it was cut short. */
  endRun(
    span: Span,
    { incident }: RunOfCheck,
    wallAt: number,
    failures: number,
    observation: Observation | undefined,
  ): SpanContext | undefined {
    return guarded("ending the span of a run", () => {
      if (incident !== undefined) span.setAttribute(attributes.incidentId, incident.id);
      if (observation === undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: "the check was stopped" });
      else describeEnd(span, failures, observation);
      span.end(hrTime(wallAt));
      return sampled(span);
    });
  }

  #runStart({ name, critical, incident }: RunOfCheck, from: number): SpanStart {
    return {
      name: `${spans.check} ${name}`,
      parent: undefined,
      links: incident?.span === undefined ? [] : [incident.span],
      from,
      attributes: {
        [attributes.checkName]: name,
        [attributes.checkCritical]: critical,
        ...(incident !== undefined && { [attributes.incidentId]: incident.id }),
      },
    };
  }

  /** A change of state: zero length, linked to the runs that led to it, in the trace of the incident that is open. */
  transition(
    change: ChangeOfState,
    runs: readonly SpanContext[],
    incident: Incident | undefined,
    idOf: (span: SpanContext | undefined) => string | null,
  ): SpanContext | undefined {
    const { name, state, message, wallAt } = change;
    return this.write({
      name: `${spans.transition} ${name}`,
      parent: incident?.span,
      links: runs,
      from: wallAt,
      to: wallAt,
      attributes: change.attributes,
      error: state === "unhealthy" ? (message ?? "unhealthy") : undefined,
      beforeEnd(span) {
        const id = idOf(sampled(span));
        if (id !== null) span.setAttribute(attributes.incidentId, id);
      },
    });
  }

  /** An incident from its first failure, or a piece of it, as a child of the transition that opened it. */
  outage({ name, critical, incident }: Outage, from: number, to: number, endReason: OutageEndReason): void {
    this.write({
      name: `${spans.outage} ${name}`,
      parent: incident.span,
      links: [],
      from,
      to,
      attributes: {
        [attributes.checkName]: name,
        [attributes.checkCritical]: critical,
        [attributes.state]: incident.worst,
        [attributes.incidentId]: incident.id,
        [attributes.outageEndReason]: endReason,
      },
      error: incident.worst === "unhealthy" ? "unhealthy" : undefined,
    });
  }

  #start({ name, parent, links, from, attributes }: SpanStart): Span | undefined {
    const root = parent === undefined;
    return this.#source.tracer()?.startSpan(
      name,
      {
        kind: SpanKind.INTERNAL,
        root,
        startTime: hrTime(from),
        attributes,
        links: links.map((context): Link => ({ context })),
      },
      root ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent),
    );
  }

  /** Writes a span; its context where it is sampled: an id that leads nowhere is not handed out. */
  write({ to, error, beforeEnd, ...start }: SpanParts): SpanContext | undefined {
    return guarded(`writing the span ${start.name}`, () => {
      const span = this.#start(start);
      if (span === undefined) return undefined;
      if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: error });
      beforeEnd?.(span);
      // The wall clock may have been set back meanwhile.
      span.end(hrTime(Math.max(start.from, to)));
      return sampled(span);
    });
  }
}

/** What is known of a run only when it is over. */
function describeEnd(span: Span, failures: number, { outcome, loopLagMs, errorType, message }: Observation): void {
  span.setAttribute(attributes.checkResult, outcome);
  span.setAttribute(attributes.checkConsecutiveFailures, failures);
  if (loopLagMs > 0) span.setAttribute(attributes.checkLoopLag, loopLagMs / 1_000);
  if (errorType !== undefined) span.setAttribute(attributes.errorType, errorType);
  if (outcome === "fail") span.setStatus({ code: SpanStatusCode.ERROR, message: message ?? "failed" });
}

function sampled(span: Span): SpanContext | undefined {
  const context = span.spanContext();
  return (context.traceFlags & TraceFlags.SAMPLED) !== 0 && trace.isSpanContextValid(context) ? context : undefined;
}
