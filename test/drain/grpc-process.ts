// A gRPC service whose time passes when the test says so on its stdin: `advance 100`. `release` answers the slow calls.
import { createInterface } from "node:readline";
import { Server, ServerCredentials, type sendUnaryData } from "@grpc/grpc-js";
import { FakeClock } from "@otel-health/core/testing";
import { addHealthService, createHealth, drainOnSignals } from "@otel-health/grpc";

const clock = new FakeClock();
const health = createHealth({ clock });
const server = new Server();
const service = addHealthService(server, health);
const released = Promise.withResolvers<void>();
const bytes = (buffer: Buffer) => buffer;
const slow = {
  path: "/orders.v1.Orders/Slow",
  requestStream: false,
  responseStream: false,
  requestSerialize: bytes,
  requestDeserialize: bytes,
  responseSerialize: bytes,
  responseDeserialize: bytes,
};
server.addService(
  { Slow: slow },
  {
    Slow(_call: unknown, callback: sendUnaryData<Buffer>) {
      console.log("slow call begun");
      void released.promise.then(() => callback(null, Buffer.from("tea")));
    },
  },
);
drainOnSignals(health, {
  clock,
  delayMs: 5_000,
  deadlineMs: 60_000,
  close: [service.close, () => console.log("server closed")],
  flush: () => console.log("flushed"),
});
createInterface(process.stdin).on("line", async (line) => {
  const [command, ms] = line.split(" ");
  if (command === "release") released.resolve();
  else await clock.advance(Number(ms));
});
await health.start();
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error;
  console.log(`listening on ${port}`);
});
