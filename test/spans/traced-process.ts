// A service of one framework, traced by the real HTTP instrumentation and the framework's own. The HTTP instrumentation is
// given the hook that leaves out probes where the second argument says so. Ends, with everything exported, on SIGTERM.
import { FastifyOtelInstrumentation } from "@fastify/otel";
import { ExpressInstrumentation } from "@opentelemetry/instrumentation-express";
import { HttpInstrumentation } from "@opentelemetry/instrumentation-http";
import { KoaInstrumentation } from "@opentelemetry/instrumentation-koa";
import { NestInstrumentation } from "@opentelemetry/instrumentation-nestjs-core";
import { NodeSDK } from "@opentelemetry/sdk-node";
import { createHealth, gate } from "@otel-health/http";
import type { Serve } from "../frameworks/serve.ts";

const [framework, withHook] = process.argv.slice(2);
const health = createHealth({ checks: { maintenance: gate() } });
const hook = { ignoreIncomingRequestHook: (request: { url?: string | undefined }) => health.isHealthRequest(request) };
const sdk = new NodeSDK({
  serviceName: "traced",
  autoDetectResources: false,
  instrumentations: [
    health.instrumentation,
    new HttpInstrumentation(withHook === "with-hook" ? hook : {}),
    new ExpressInstrumentation(),
    new FastifyOtelInstrumentation({ registerOnInitialization: true }),
    new KoaInstrumentation(),
    new NestInstrumentation(),
  ],
});
sdk.start();

// After the instrumentations: they patch what is loaded from now on.
const { serve } = (await import(`../frameworks/${framework}.ts`)) as { readonly serve: Serve };
const { port } = await serve(health, { orders: "[]", slow: async () => {} });
await health.start();
process.once("SIGTERM", () => void sdk.shutdown().finally(() => process.exit()));
console.log(`listening on ${port}`);
