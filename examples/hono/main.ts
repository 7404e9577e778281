import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import { drainOnSignals, gracefulClose, healthEndpoints } from "@otel-health/hono";
import { Hono } from "hono";
import { health } from "./health.ts";
import { sdk } from "./instrumentation.ts";

const app = new Hono();
app.use(healthEndpoints(health)); // /livez /readyz /startupz, before anything that could wrap or refuse them
app.get("/teas", (context) => context.json(["green", "black"]));

const server = serve({ fetch: app.fetch, port: Number(process.env["PORT"] ?? 0) }) as Server;
drainOnSignals(health, {
  delayMs: Number(process.env["DRAIN_DELAY_MS"] ?? 5_000),
  close: gracefulClose(server, health),
  // A collector that is away must not make a clean exit look like a crash.
  flush: () => sdk.shutdown().catch(console.warn),
});
await once(server, "listening");
console.log(`listening on ${(server.address() as AddressInfo).port}`);
await health.start();
