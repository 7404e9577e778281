import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { attachHealth, drainOnSignals, gracefulClose } from "@otel-health/http";
import { health } from "./health.ts";
import { sdk } from "./instrumentation.ts";

const server = createServer((request, response) => {
  if (request.url !== "/teas") response.statusCode = 404;
  else response.setHeader("Content-Type", "application/json").write(JSON.stringify(["green", "black"]));
  response.end();
});
attachHealth(server, health); // /livez /readyz /startupz, which the listener above never sees
drainOnSignals(health, {
  delayMs: Number(process.env["DRAIN_DELAY_MS"] ?? 5_000),
  close: gracefulClose(server, health),
  // A collector that is away must not make a clean exit look like a crash.
  flush: () => sdk.shutdown().catch(console.warn),
});
await once(server.listen(Number(process.env["PORT"] ?? 0)), "listening");
console.log(`listening on ${(server.address() as AddressInfo).port}`);
await health.start();
