import { Server, ServerCredentials, type sendUnaryData } from "@grpc/grpc-js";
import { addHealthService, drainOnSignals } from "@otel-health/grpc";
import { health } from "./health.ts";
import { sdk } from "./instrumentation.ts";
import { teas } from "./teas.ts";

const server = new Server();
server.addService(teas, {
  Find: (_call: unknown, callback: sendUnaryData<unknown>) => callback(null, ["green", "black"]),
});
const service = addHealthService(server, health, { services: { "teas.v1.Teas": "readiness", live: "liveness" } });
drainOnSignals(health, {
  delayMs: Number(process.env["DRAIN_DELAY_MS"] ?? 5_000),
  close: service.close,
  // A collector that is away must not make a clean exit look like a crash.
  flush: () => sdk.shutdown().catch(console.warn),
});
const port = Number(process.env["PORT"] ?? 0);
server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, bound) => {
  if (error !== null) throw error;
  console.log(`listening on ${bound}`);
});
await health.start();
