// Given to `node --import`, so that it can patch the ES modules that main.ts imports.
import { register } from "node:module";
import { HttpInstrumentation } from "@opentelemetry/instrumentation-http";
import { NestInstrumentation } from "@opentelemetry/instrumentation-nestjs-core";
import { NodeSDK } from "@opentelemetry/sdk-node";
import { health } from "./health.ts";

register("@opentelemetry/instrumentation/hook.mjs", import.meta.url);

export const sdk = new NodeSDK({
  instrumentations: [
    health.instrumentation,
    new HttpInstrumentation({ ignoreIncomingRequestHook: (request) => health.isHealthRequest(request) }),
    new NestInstrumentation(),
  ],
  // With a collector, telemetry goes there: the SDK's own default. Without one, nothing is tried.
  ...(!process.env["OTEL_EXPORTER_OTLP_ENDPOINT"] && {
    spanProcessors: [],
    logRecordProcessors: [],
    metricReaders: [],
  }),
});
sdk.start();
