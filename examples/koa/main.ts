import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { drainOnSignals, gracefulClose, healthEndpoints } from "@otel-health/koa";
import Koa from "koa";
import { health } from "./health.ts";
import { sdk } from "./instrumentation.ts";

const app = new Koa();
app.use(healthEndpoints(health)); // /livez /readyz /startupz, before anything that could slow them down
app.use((context) => {
  if (context.path === "/teas") context.body = ["green", "black"];
});

const server = app.listen(Number(process.env["PORT"] ?? 0));
drainOnSignals(health, {
  delayMs: Number(process.env["DRAIN_DELAY_MS"] ?? 5_000),
  close: gracefulClose(server, health),
  // A collector that is away must not make a clean exit look like a crash.
  flush: () => sdk.shutdown().catch(console.warn),
});
await once(server, "listening");
console.log(`listening on ${(server.address() as AddressInfo).port}`);
await health.start();
