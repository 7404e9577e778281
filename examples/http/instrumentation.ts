import { register } from "node:module";
import { HttpInstrumentation } from "@opentelemetry/instrumentation-http";
import { NodeSDK } from "@opentelemetry/sdk-node";
import { health } from "./health.ts";

// Given to node by --import, so that this comes first: what is loaded by `import` from now on can be patched.
register("@opentelemetry/instrumentation/hook.mjs", import.meta.url);

// Where it sends what, OTEL_EXPORTER_OTLP_ENDPOINT and its kin decide. Of probes it sees nothing: they are attached.
export const sdk = new NodeSDK({
  serviceName: "teas",
  instrumentations: [health.instrumentation, new HttpInstrumentation()],
});
sdk.start();
