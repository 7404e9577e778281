import { Client, credentials } from "@grpc/grpc-js";
import { answerParent } from "./answer-parent.ts";
import type { Loaded } from "./load.ts";

/** A closed loop: each lane calls again as soon as it has its answer. */
export interface GrpcLoad {
  readonly port: number;
  readonly method: string;
  readonly lanes: number;
  readonly withinMs: number;
}

/** Questions that the load generator answers. */
export type GrpcLoadAnswers = { readonly load: (load: GrpcLoad) => Promise<Loaded> };

answerParent({ load: run } satisfies GrpcLoadAnswers);

const bytes = (buffer: Buffer) => buffer;
const nothing = Buffer.alloc(0);
let client: Client | undefined;

async function run({ port, method, lanes, withinMs }: GrpcLoad): Promise<Loaded> {
  client ??= new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  const via = client;
  const call = () =>
    new Promise<void>((resolve, reject) => {
      via.makeUnaryRequest(method, bytes, bytes, nothing, (error, answer) => {
        if (error === null && answer?.[1] === 1) resolve();
        else reject(error ?? new Error("not the answer to measure"));
      });
    });
  const began = performance.now();
  let requests = 0;
  const lane = async () => {
    while (performance.now() - began < withinMs) {
      await call();
      requests++;
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return { requests, ms: performance.now() - began };
}
