import { FastifyOtelInstrumentation } from "@fastify/otel";
import { HttpInstrumentation } from "@opentelemetry/instrumentation-http";
import { NodeSDK } from "@opentelemetry/sdk-node";
import { health } from "./health.ts";

export const sdk = new NodeSDK({
  instrumentations: [
    health.instrumentation,
    new HttpInstrumentation({ ignoreIncomingRequestHook: (request) => health.isHealthRequest(request) }),
    new FastifyOtelInstrumentation({ registerOnInitialization: true }),
  ],
  // With a collector, telemetry goes there: the SDK's own default. Without one, nothing is tried.
  ...(!process.env["OTEL_EXPORTER_OTLP_ENDPOINT"] && {
    spanProcessors: [],
    logRecordProcessors: [],
    metricReaders: [],
  }),
});
sdk.start();
