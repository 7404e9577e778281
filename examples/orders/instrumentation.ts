import { PrometheusExporter } from "@opentelemetry/exporter-prometheus";
import { HttpInstrumentation } from "@opentelemetry/instrumentation-http";
import { NodeSDK } from "@opentelemetry/sdk-node";
import { metricsPort } from "./config.ts";
import { health } from "./health.ts";

const { OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SERVICE_NAME = "orders" } = process.env;

export const sdk = new NodeSDK({
  serviceName: OTEL_SERVICE_NAME,
  instrumentations: [
    health.instrumentation,
    new HttpInstrumentation({
      ignoreIncomingRequestHook: (request) => health.isHealthRequest(request) || request.url === "/metrics",
    }),
  ],
  metricReaders: [new PrometheusExporter({ port: metricsPort, withoutScopeInfo: true })],
  // With a collector, traces and events go there: the SDK's own default. Without one, nothing is tried.
  ...(!OTEL_EXPORTER_OTLP_ENDPOINT && { spanProcessors: [], logRecordProcessors: [] }),
});
sdk.start();
