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

interface SpanParts {
  readonly name: string;
  readonly parent: SpanContext | undefined;
  readonly links: readonly SpanContext[];
  /** Wall milliseconds. */
  readonly from: number;
  readonly to: number;
  readonly attributes: Attributes;
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

/** Writes spans after the fact: each is started and ended in one call, so a crash loses none that was due. */
export class Spans {
  readonly #providers: Providers;

  constructor(providers: Providers) {
    this.#providers = providers;
  }

  /** A run that was not a plain pass, linked to the transition of its incident if there is one. */
  run(
    name: string,
    critical: boolean,
    failures: number,
    observation: Observation,
    incident: Incident | undefined,
  ): SpanContext | undefined {
    const { outcome, wallAt, durationMs, loopLagMs, errorType, message } = observation;
    return this.#write({
      name: `${spans.check} ${name}`,
      parent: undefined,
      links: incident?.span === undefined ? [] : [incident.span],
      from: wallAt - (durationMs ?? 0),
      to: wallAt,
      attributes: {
        [attributes.checkName]: name,
        [attributes.checkResult]: outcome,
        [attributes.checkCritical]: critical,
        [attributes.checkConsecutiveFailures]: failures,
        ...(loopLagMs > 0 && { [attributes.checkLoopLag]: loopLagMs / 1_000 }),
        ...(errorType !== undefined && { [attributes.errorType]: errorType }),
        ...(incident !== undefined && { [attributes.incidentId]: incident.id }),
      },
      error: outcome === "fail" ? (message ?? "failed") : undefined,
    });
  }

  /** A change of state: zero length, linked to the runs that led to it, in the trace of the incident that is open. */
  transition(
    change: ChangeOfState,
    runs: readonly SpanContext[],
    incident: Incident | undefined,
    idOf: (span: SpanContext | undefined) => string | null,
  ): SpanContext | undefined {
    const { name, state, message, wallAt } = change;
    return this.#write({
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

  /** A whole incident, written at its end as a child of the transition that opened it. */
  outage(
    name: string,
    critical: boolean,
    incident: Incident,
    to: number,
    endReason: "recovered" | "shutdown" | "unregistered",
  ): void {
    this.#write({
      name: `${spans.outage} ${name}`,
      parent: incident.span,
      links: [],
      from: incident.wallSince,
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

  /** The span's context where it is sampled: an id that leads nowhere is not handed out. */
  #write({ name, parent, links, from, to, attributes, error, beforeEnd }: SpanParts): SpanContext | undefined {
    return guarded(`writing the span ${name}`, () => {
      const tracer = this.#providers.tracer();
      if (tracer === undefined) return undefined;
      const root = parent === undefined;
      const context = root ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent);
      const linked = links.map((context): Link => ({ context }));
      const span = tracer.startSpan(
        name,
        { kind: SpanKind.INTERNAL, root, startTime: hrTime(from), attributes, links: linked },
        context,
      );
      if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: error });
      beforeEnd?.(span);
      span.end(hrTime(to));
      return sampled(span);
    });
  }
}

function sampled(span: Span): SpanContext | undefined {
  const context = span.spanContext();
  return (context.traceFlags & TraceFlags.SAMPLED) !== 0 && trace.isSpanContextValid(context) ? context : undefined;
}
