import type { Attributes, SpanContext } from "@opentelemetry/api";
import type { BindInstruments } from "./companion-meters.ts";
import { type EventSeverity, Events } from "./events.ts";
import type { Scope } from "./providers.ts";
import { Spans } from "./spans.ts";
import type { Telemetry } from "./telemetry.ts";

/** A span whose beginning and end are known. Times are wall milliseconds. */
export interface WrittenSpan {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly attributes?: Attributes;
  /** Set on what failed; the text is the span's status description. */
  readonly error?: string;
  readonly links?: readonly SpanContext[];
  /** Default none: the span begins a trace. */
  readonly parent?: SpanContext | undefined;
}

/** A log record with a name. */
export interface WrittenEvent {
  readonly name: string;
  readonly severity: EventSeverity;
  /** Wall milliseconds. */
  readonly timestamp: number;
  /** What a person reads. */
  readonly body: string;
  readonly attributes?: Attributes;
  /** Ties the record to a trace: what `span()` returned. */
  readonly span?: SpanContext | undefined;
}

/**
 * Telemetry of a package beside core, in a scope of its own, through the providers that core has found or was given.
 * Nothing in it throws; what an SDK throws is reported through `diag`.
 */
export interface ScopedTelemetry {
  /**
   * Calls `bind` with a meter of the provider that there is, and of each that takes its place. `bind` makes its
   * instruments and returns what takes its callbacks off again. Returns a function that ends both.
   */
  meter(bind: BindInstruments): () => void;
  /** Writes a span, INTERNAL; returns its context where it is sampled. */
  span(span: WrittenSpan): SpanContext | undefined;
  event(event: WrittenEvent): void;
}

/** The telemetry of one scope. */
export function scopedTelemetry({ providers, companions }: Telemetry, scope: Scope): ScopedTelemetry {
  const spans = new Spans({ tracer: () => providers.tracer(scope) });
  const events = new Events({ logger: () => providers.logger(scope) });
  return {
    meter: (bind) => companions.add(scope, bind),
    span: ({ name, from, to, attributes = {}, error, links = [], parent }) =>
      spans.write({ name, from, to, attributes: { ...attributes }, error, links, parent }),
    event({ name, severity, timestamp, body, attributes = {}, span }) {
      events.emit(name, severity, timestamp, body, { ...attributes }, span);
    },
  };
}
