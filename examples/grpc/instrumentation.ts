import { register } from "node:module";
import { GrpcInstrumentation } from "@opentelemetry/instrumentation-grpc";
import { NodeSDK } from "@opentelemetry/sdk-node";
import { health } from "./health.ts";

// Given to node by --import, so that this comes first: what is loaded by `import` from now on can be patched.
register("@opentelemetry/instrumentation/hook.mjs", import.meta.url);

// Where it sends what, OTEL_EXPORTER_OTLP_ENDPOINT and its kin decide.
export const sdk = new NodeSDK({
  serviceName: "teas",
  instrumentations: [
    health.instrumentation,
    new GrpcInstrumentation({ ignoreGrpcMethods: ["Check", "Watch", "List"] }),
  ],
});
sdk.start();
