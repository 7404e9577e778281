import { Server, ServerCredentials, type sendUnaryData } from "@grpc/grpc-js";
import { createHealth, gate } from "@otel-health/core";
import { addHealthService } from "@otel-health/grpc";
import { answerParent, cpuUs } from "./answer-parent.ts";

/** Questions that the server answers. */
export type GrpcServerAnswers = {
  /** Listens, with the health service and with a bare unary method that answers as many bytes. */
  readonly listen: () => Promise<number>;
  readonly cpuUs: () => number;
};

const checks = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`dependency-${i}`, gate()]));

async function listen(): Promise<number> {
  const health = createHealth({ checks });
  await health.start();
  const server = new Server();
  addHealthService(server, health);
  const bytes = (buffer: Buffer) => buffer;
  const answer = Buffer.from([0x08, 1]);
  const get = {
    path: "/bare.v1.Bare/Get",
    requestStream: false,
    responseStream: false,
    requestSerialize: bytes,
    requestDeserialize: bytes,
    responseSerialize: bytes,
    responseDeserialize: bytes,
  };
  server.addService({ Get: get }, { Get: (_call: unknown, done: sendUnaryData<Buffer>) => done(null, answer) });
  return new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) =>
      error === null ? resolve(port) : reject(error),
    );
  });
}

answerParent({ listen, cpuUs } satisfies GrpcServerAnswers);
