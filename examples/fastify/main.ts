// First: it patches node:http, which the modules below load.
import "./instrumentation.ts";

import { drainOnSignals, healthEndpoints } from "@otel-health/fastify";
import { fastify } from "fastify";
import { health } from "./health.ts";
import { sdk } from "./instrumentation.ts";

const { HOST = "0.0.0.0", PORT = "8080", DRAIN_DELAY_MS = "5000" } = process.env;

const app = fastify({ logger: true });
await app.register(healthEndpoints(health));
app.addHook("onRequest", async (request, reply) => {
  if (request.headers.authorization === undefined) await reply.code(401).send({ error: "who are you?" });
});
app.get("/tea", async () => ({ tea: "green" }));

drainOnSignals(health, {
  delayMs: Number(DRAIN_DELAY_MS),
  close: () => app.close(),
  // A collector that is away must not make a clean exit look like a crash.
  flush: () => sdk.shutdown().catch((error) => app.log.warn(error, "the last telemetry was not sent")),
});
await app.listen({ port: Number(PORT), host: HOST });

health.checks.kettle.beat();
setInterval(() => health.checks.kettle.beat(), 10_000).unref();
await health.start();
app.log.info("ready");
