// A gRPC service traced by the real instrumentation, which leaves out the methods that the arguments name. SIGTERM ends it
// with everything exported.
import { GrpcInstrumentation } from "@opentelemetry/instrumentation-grpc";
import { NodeSDK } from "@opentelemetry/sdk-node";
import { createHealth } from "@otel-health/core";

const health = createHealth();
const ignoreGrpcMethods = process.argv.slice(2);
const sdk = new NodeSDK({
  serviceName: "traced",
  autoDetectResources: false,
  instrumentations: [health.instrumentation, new GrpcInstrumentation({ ignoreGrpcMethods })],
});
sdk.start();

// After the instrumentation: it patches what is loaded from now on.
const { Server, ServerCredentials } = await import("@grpc/grpc-js");
const { addHealthService } = await import("@otel-health/grpc");
const server = new Server();
addHealthService(server, health);
const bytes = (buffer: Buffer) => buffer;
const orders = {
  path: "/orders.v1.Orders/Get",
  requestStream: false,
  responseStream: false,
  requestSerialize: bytes,
  requestDeserialize: bytes,
  responseSerialize: bytes,
  responseDeserialize: bytes,
};
server.addService(
  { Get: orders },
  { Get: (_call: unknown, callback: (error: null, answer: Buffer) => void) => callback(null, Buffer.alloc(0)) },
);
await health.start();
process.once("SIGTERM", () => void sdk.shutdown().finally(() => process.exit()));
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error;
  console.log(`listening on ${port}`);
});
