// A gRPC server with the health service, in a process of its own so that it can be stopped in its tracks:
// `node grpc-process.ts <port> <settings file>`.
import { readFileSync } from "node:fs";
import { type Metadata, Server, ServerCredentials, ServerInterceptingCall, status } from "@grpc/grpc-js";
import { addHealthService, createHealth } from "@otel-health/grpc";
import type { GrpcSettings } from "./grpc.ts";

const [port, file = ""] = process.argv.slice(2);
// Read again for each call: a test changes them.
const settings = () => JSON.parse(readFileSync(file, "utf8")) as GrpcSettings;

const server = new Server({
  "grpc.max_concurrent_streams": 10,
  interceptors: [
    (_method, call) =>
      new ServerInterceptingCall(call, {
        start: (next) =>
          next({
            onReceiveMetadata: (metadata: Metadata, go) => {
              if (metadata.get("authorization")[0] === settings().token) go(metadata);
              else call.sendStatus({ code: status.UNAUTHENTICATED, details: "wrong token" });
            },
          }),
      }),
  ],
});
const health = createHealth({
  checks: {
    serving: {
      run: () => {
        if (!settings().serving) throw new Error("told to");
      },
      intervalMs: 20,
      backoff: { initialMs: 20, factor: 1 },
      failureThreshold: 1,
      gracePeriodMs: 0,
    },
  },
});
await health.start();
const { services, hasHealth } = settings();
if (hasHealth) {
  addHealthService(server, health, { services: Object.fromEntries(services.map((name) => [name, "readiness"])) });
}
server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error) => {
  if (error !== null) throw error;
  console.log("listening");
});
