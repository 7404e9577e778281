import type {
  IExemplar,
  IHistogramDataPoint,
  IMetric,
  INumberDataPoint,
} from "otlp-decoder/build/src/metrics/internal-types.js";
import { type Attributes, readAttributes, readId, readInteger } from "./attributes.ts";
import { decodeMetricsRequest } from "./decode-request.ts";

interface ReceivedExemplar {
  readonly value: number | bigint;
  readonly traceId: string | undefined;
  readonly spanId: string | undefined;
}

interface Point {
  readonly attributes: Attributes;
  readonly exemplars: readonly ReceivedExemplar[];
}

interface NumberPoint extends Point {
  readonly value: number | bigint;
}

interface HistogramPoint extends Point {
  readonly count: number;
  readonly sum: number;
  /** One more than `explicitBounds`. */
  readonly bucketCounts: readonly number[];
  readonly explicitBounds: readonly number[];
}

export type ReceivedMetric = {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
  readonly scope: string | undefined;
  readonly resource: Attributes;
} & (
  | { readonly kind: "gauge"; readonly points: readonly NumberPoint[] }
  /** `monotonic`: a counter. */
  | { readonly kind: "sum"; readonly monotonic: boolean; readonly points: readonly NumberPoint[] }
  | { readonly kind: "histogram"; readonly points: readonly HistogramPoint[] }
);

/** Throws for summaries and exponential histograms: nothing here sends them. */
export function readMetrics(request: Uint8Array): ReceivedMetric[] {
  const { resourceMetrics } = decodeMetricsRequest(request);
  return resourceMetrics.flatMap(({ resource, scopeMetrics }) =>
    scopeMetrics.flatMap(({ scope, metrics }) =>
      metrics.map((metric) => ({
        name: metric.name,
        unit: metric.unit ?? "",
        description: metric.description ?? "",
        scope: scope?.name,
        resource: readAttributes(resource?.attributes),
        ...readData(metric),
      })),
    ),
  );
}

function readData({ name, gauge, sum, histogram }: IMetric) {
  if (gauge) return { kind: "gauge" as const, points: gauge.dataPoints.map(readNumberPoint) };
  if (sum)
    return { kind: "sum" as const, monotonic: sum.isMonotonic ?? false, points: sum.dataPoints.map(readNumberPoint) };
  if (histogram) return { kind: "histogram" as const, points: histogram.dataPoints.map(readHistogramPoint) };
  throw new TypeError(`${name} is neither gauge, sum nor histogram`);
}

function readNumberPoint(point: INumberDataPoint): NumberPoint {
  return { ...readPoint(point), value: readNumber(point) };
}

function readHistogramPoint(point: IHistogramDataPoint): HistogramPoint {
  const { count = 0, sum = 0, bucketCounts = [], explicitBounds = [] } = point;
  return { ...readPoint(point), count: Number(count), sum, bucketCounts: bucketCounts.map(Number), explicitBounds };
}

function readPoint({ attributes, exemplars = [] }: INumberDataPoint | IHistogramDataPoint): Point {
  return { attributes: readAttributes(attributes), exemplars: exemplars.map(readExemplar) };
}

function readExemplar(exemplar: IExemplar): ReceivedExemplar {
  return { value: readNumber(exemplar), traceId: readId(exemplar.traceId), spanId: readId(exemplar.spanId) };
}

function readNumber({ asDouble, asInt }: INumberDataPoint | IExemplar): number | bigint {
  return asDouble ?? readInteger(asInt ?? 0);
}
