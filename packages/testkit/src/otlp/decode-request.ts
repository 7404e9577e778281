import root from "otlp-decoder/build/src/generated/root.js";
import type { IExportLogsServiceRequest } from "otlp-decoder/build/src/logs/internal-types.js";
import type { IExportMetricsServiceRequest } from "otlp-decoder/build/src/metrics/internal-types.js";
import type { IExportTraceServiceRequest } from "otlp-decoder/build/src/trace/internal-types.js";

interface MessageType<T> {
  decode(bytes: Uint8Array): unknown;
  toObject(message: unknown, options: object): T;
}

// The generated code comes without types of its own.
interface Collector {
  readonly trace: { readonly v1: { readonly ExportTraceServiceRequest: MessageType<IExportTraceServiceRequest> } };
  readonly logs: { readonly v1: { readonly ExportLogsServiceRequest: MessageType<IExportLogsServiceRequest> } };
  readonly metrics: {
    readonly v1: { readonly ExportMetricsServiceRequest: MessageType<IExportMetricsServiceRequest> };
  };
}
const { opentelemetry } = root as unknown as { opentelemetry: { proto: { collector: Collector } } };
const { trace, logs, metrics } = opentelemetry.proto.collector;

/** Throws on bytes that are no such message, as the two below do. */
export const decodeTraceRequest: Decoder<IExportTraceServiceRequest> = decoder(trace.v1.ExportTraceServiceRequest);
export const decodeLogsRequest: Decoder<IExportLogsServiceRequest> = decoder(logs.v1.ExportLogsServiceRequest);
export const decodeMetricsRequest: Decoder<IExportMetricsServiceRequest> = decoder(
  metrics.v1.ExportMetricsServiceRequest,
);

type Decoder<T> = (bytes: Uint8Array) => T;

/** 64-bit integers come as decimal strings, whatever the types say: a number cannot hold a time in nanoseconds. */
function decoder<T>(type: MessageType<T>): Decoder<T> {
  return (bytes) => type.toObject(type.decode(bytes), { longs: String, arrays: true });
}
