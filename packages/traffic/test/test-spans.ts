import { type Attributes, ROOT_CONTEXT, SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { InMemorySpanExporter, type Sampler, SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import type { TrafficSpanProcessor } from "@otel-health/traffic";

/** How a span is told. */
export interface TestSpan {
  readonly kind?: SpanKind;
  /** Given at its start; others come later. */
  readonly attributes?: Attributes;
  readonly later?: Attributes;
  /** Set where it failed. */
  readonly error?: string;
  /** Recorded as the span's exception. */
  readonly exception?: Error | string;
  /** Milliseconds; default 5. */
  readonly ms?: number;
  readonly scope?: string;
}

/** A real tracer provider whose first processor is the traffic's. */
export class TestSpans {
  readonly exporter: InMemorySpanExporter = new InMemorySpanExporter();
  readonly provider: TracerProvider;

  constructor(processor: TrafficSpanProcessor, sampler?: Sampler) {
    const spanProcessors = [processor, new SimpleSpanProcessor({ exporter: this.exporter })];
    this.provider = new TracerProvider({ spanProcessors, ...(sampler && { sampler }) });
  }

  /** A span, begun and ended. */
  write({ later = {}, error, exception, ms = 5, ...given }: TestSpan): void {
    const span = this.begin(given);
    span.setAttributes(later);
    if (exception !== undefined) span.recordException(exception);
    if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: error });
    // Of a span whose start was given the end is, too.
    span.end(startedAt + ms);
  }

  begin({ kind = SpanKind.CLIENT, attributes = {}, scope = "test" }: Omit<TestSpan, "ms">, context = ROOT_CONTEXT) {
    return this.provider.getTracer(scope).startSpan("call", { kind, attributes, startTime: startedAt }, context);
  }
}

const startedAt = Date.UTC(2026, 10, 22, 13);
