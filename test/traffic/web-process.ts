// A service that serves HTTP and gRPC and calls itself and others, traced by the real instrumentations. Does what its stdin
// says.
import { SpanKind, trace } from "@opentelemetry/api";
import { GrpcInstrumentation } from "@opentelemetry/instrumentation-grpc";
import { HttpInstrumentation } from "@opentelemetry/instrumentation-http";
import { UndiciInstrumentation } from "@opentelemetry/instrumentation-undici";
import { AlwaysOffSampler, AlwaysOnSampler } from "@opentelemetry/sdk-trace";
import { createHealth, fail, pass } from "@otel-health/core";
import { createTraffic, type Match } from "@otel-health/traffic";
import { obey } from "./commands.ts";
import { startSdk } from "./sdk.ts";

/** What the process is given. */
export interface WebOptions {
  readonly sampling: "on" | "off" | "record only";
  /** Names of passive checks, and the calls that each of them watches. */
  readonly passive: { readonly [name: string]: Exclude<Match, (...args: never[]) => unknown> };
}

const { sampling, passive }: WebOptions = JSON.parse(process.argv[2] as string);
const traffic = createTraffic();
let down = false;
const health = createHealth({
  checks: {
    requests: traffic.requests({ minSamples: 1, maxErrorRatio: 1 }),
    db: { run: () => (down ? fail("down") : pass()), failureThreshold: 1, gracePeriodMs: 0 },
    ...Object.fromEntries(
      Object.entries(passive).map(([name, match]) => [
        name,
        traffic.passive({ match, minSamples: 1, maxErrorRatio: 1 }),
      ]),
    ),
  },
});
traffic.watch(health);
const sampler = sampling === "on" ? new AlwaysOnSampler() : new AlwaysOffSampler();
const exporter = startSdk({
  sampler: sampling === "record only" ? traffic.recordOnly(sampler) : sampler,
  processor: traffic.spanProcessor,
  instrumentations: [
    health.instrumentation,
    new HttpInstrumentation(),
    new UndiciInstrumentation(),
    new GrpcInstrumentation(),
  ],
});

// After the instrumentations: they patch what is loaded from now on.
const http = await import("node:http");
const grpc = await import("@grpc/grpc-js");
const { addHealthService } = await import("@otel-health/grpc");
const { attachHealth } = await import("@otel-health/http");

const server = http.createServer((request, response) => {
  if (request.url === "/hang") return;
  response.statusCode = Number(new URL(request.url ?? "", "http://a").searchParams.get("status") ?? 200);
  response.end("answer");
});
attachHealth(server, health);
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;

const bytes = (buffer: Buffer) => buffer;
const definition = {
  Get: {
    path: "/orders.v1.Orders/Get",
    requestStream: false,
    responseStream: false,
    requestSerialize: bytes,
    requestDeserialize: bytes,
    responseSerialize: bytes,
    responseDeserialize: bytes,
  },
} as const;
const rpc = new grpc.Server();
addHealthService(rpc, health);
rpc.addService(definition, {
  Get(call: { request: Buffer }, callback: (error: { code: number } | null, answer?: Buffer) => void) {
    const code = call.request[0] ?? 0;
    if (code === 0) callback(null, Buffer.alloc(0));
    else callback({ code });
  },
});
const rpcPort = await new Promise<number>((resolve, reject) => {
  const credentials = grpc.ServerCredentials.createInsecure();
  rpc.bindAsync("127.0.0.1:0", credentials, (error, port) => (error === null ? resolve(port) : reject(error)));
});
const Client = grpc.makeGenericClientConstructor(definition, "orders.v1.Orders");
const client = new Client(`127.0.0.1:${rpcPort}`, grpc.credentials.createInsecure());
await health.start();

/** A call inside a request's span, as a service makes it. */
function inSpan(call: () => Promise<void>): Promise<void> {
  return trace.getTracer("test").startActiveSpan("request", { kind: SpanKind.INTERNAL }, async (span) => {
    await call().finally(() => span.end());
  });
}

async function times(count: number, call: () => Promise<void>): Promise<void> {
  for (let nth = 0; nth < count; nth++) await inSpan(call);
}

const commands = {
  fetch: (count: number, path: string) => times(count, async () => void (await (await fetch(`${url}${path}`)).text())),
  get: (count: number, path: string) =>
    times(
      count,
      () =>
        new Promise(
          (resolve, reject) =>
            void http.get(`${url}${path}`, (answer) => answer.resume().on("end", resolve)).on("error", reject),
        ),
    ),
  /** Calls by node:http that are aborted, for a reason where one is given. */
  abort: (count: number, reason?: string) =>
    times(
      count,
      () =>
        new Promise((resolve) => {
          const controller = new AbortController();
          const request = http.get(`${url}/hang`, { signal: controller.signal }).on("error", () => resolve());
          request.once("finish", () => controller.abort(reason && new Error(reason)));
        }),
    ),
  /** Calls of gRPC that end with a status code. */
  rpc: (count: number, code: number) =>
    times(
      count,
      () =>
        new Promise(
          (resolve) => void client["Get"]?.(code === 0 ? Buffer.alloc(0) : Buffer.from([code]), () => resolve()),
        ),
    ),
  checkHealth: (count: number) =>
    times(
      count,
      () =>
        new Promise((resolve) => {
          client.makeUnaryRequest("/grpc.health.v1.Health/Check", bytes, bytes, Buffer.alloc(0), () => resolve());
        }),
    ),
  async break(broken: boolean) {
    down = broken;
    await health.refresh();
  },
  async messages() {
    await health.refresh();
    return Object.fromEntries(health.snapshot().entries.map(({ name, message }) => [name, message]));
  },
  port: () => Number(new URL(url).port),
  spans: () =>
    exporter.getFinishedSpans().map((span) => ({
      name: span.name,
      kind: SpanKind[span.kind],
      path: span.attributes["url.path"],
      degraded: span.attributes["health.degraded"],
      links: span.links.map(({ context }) => context.spanId),
      spanId: span.spanContext().spanId,
    })),
};

/** What it can be told to do. */
export type WebCommands = typeof commands;

obey(commands);
