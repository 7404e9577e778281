import type { Attributes } from "@opentelemetry/api";
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from "@opentelemetry/sdk-logs";
import {
  type DataPoint,
  DataPointType,
  type Histogram,
  MeterProvider,
  type MetricData,
  MetricReader,
} from "@opentelemetry/sdk-metrics";
import {
  AlwaysOnSampler,
  InMemorySpanExporter,
  type ReadableSpan,
  type Sampler,
  SimpleSpanProcessor,
  type SpanProcessor,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import type { Health } from "@otel-health/core";

/** A reader that collects when it is told to. */
export class TestReader extends MetricReader {
  protected async onForceFlush(): Promise<void> {}
  protected async onShutdown(): Promise<void> {}

  /** Everything by metric name. Fails where the SDK had anything to complain of. */
  async read(): Promise<Metrics> {
    const { resourceMetrics, errors } = await this.collect();
    if (errors.length > 0) throw new AggregateError(errors);
    return new Metrics(resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics));
  }
}

/** What one collection saw. */
export class Metrics {
  readonly all: ReadonlyMap<string, MetricData>;

  constructor(all: readonly MetricData[]) {
    this.all = new Map(all.map((metric) => [metric.descriptor.name, metric]));
  }

  /** The metric's points, each named by its attribute values: `{ "db healthy": 1, "db degraded": 0 }`. */
  values(name: string): { readonly [attributes: string]: number } {
    const metric = this.all.get(name);
    if (metric === undefined) return {};
    if (metric.dataPointType === DataPointType.HISTOGRAM)
      return Object.fromEntries(metric.dataPoints.map(({ attributes, value }) => [label(attributes), value.count]));
    const points = metric.dataPoints as DataPoint<number>[];
    return Object.fromEntries(points.map(({ attributes, value }) => [label(attributes), value]));
  }

  histogram(name: string, attributes: string): Histogram | undefined {
    const metric = this.all.get(name);
    if (metric?.dataPointType !== DataPointType.HISTOGRAM) return undefined;
    return metric.dataPoints.find((point) => label(point.attributes) === attributes)?.value;
  }
}

function label(attributes: Attributes): string {
  return Object.values(attributes).join(" ");
}

/** Parts of the SDK that a test replaces. */
export interface TestSdkOptions {
  readonly sampler?: Sampler;
  readonly spanProcessors?: readonly SpanProcessor[];
  readonly traceBasedLogs?: boolean;
}

/** A whole SDK of the 3.x line in memory. */
export class TestSdk {
  readonly reader = new TestReader();
  readonly meterProvider = new MeterProvider({ readers: [this.reader] });
  readonly tracerProvider: TracerProvider;
  readonly loggerProvider: LoggerProvider;
  readonly #spans = new InMemorySpanExporter();
  readonly #logs = new InMemoryLogRecordExporter();

  constructor({ sampler = new AlwaysOnSampler(), spanProcessors, traceBasedLogs = false }: TestSdkOptions = {}) {
    this.tracerProvider = new TracerProvider({
      sampler,
      spanProcessors: [...(spanProcessors ?? []), new SimpleSpanProcessor({ exporter: this.#spans })],
    });
    this.loggerProvider = new LoggerProvider({
      processors: [new SimpleLogRecordProcessor({ exporter: this.#logs })],
      loggerConfigurator: () => ({ enabled: true, minimumSeverity: 0, traceBased: traceBasedLogs }),
    });
  }

  /** Hands the providers over, as a NodeSDK does that was given the instrumentation. */
  giveTo({ instrumentation }: Pick<Health, "instrumentation">): this {
    instrumentation.setTracerProvider(this.tracerProvider);
    instrumentation.setMeterProvider(this.meterProvider);
    instrumentation.setLoggerProvider(this.loggerProvider);
    return this;
  }

  get spans(): readonly ReadableSpan[] {
    return this.#spans.getFinishedSpans();
  }

  /** Those whose name begins so. */
  spansOf(name: string): readonly ReadableSpan[] {
    return this.spans.filter((span) => span.name.startsWith(name));
  }

  get logs() {
    return this.#logs.getFinishedLogRecords();
  }

  read(): Promise<Metrics> {
    return this.reader.read();
  }
}
