import { promisify } from "node:util";
import { type CallOptions, Client, type ClientOptions, credentials, InterceptingCall, Metadata } from "@grpc/grpc-js";
import { type GrpcOptions, grpc } from "@otel-health/checks/grpc";
import { type GrpcServer, startGrpcServer } from "../../servers/grpc.ts";
import { type Address, type Dependency, type Subject, subject } from "../subject.ts";

interface GrpcDependency extends Dependency {
  readonly client: Client;
}

/** Sends the token with every call, as an application's own interceptor would. */
const authorized: ClientOptions = {
  interceptors: [
    (options: CallOptions, nextCall) =>
      new InterceptingCall(nextCall(options as never), {
        start: (metadata, listener, next) => {
          metadata.set("authorization", "right");
          next(metadata, listener);
        },
      }),
  ],
};

function connect({ host, port, ca }: Address, options: GrpcOptions = {}): GrpcDependency {
  const client = new Client(
    `${host}:${port}`,
    ca === undefined ? credentials.createInsecure() : credentials.createSsl(Buffer.from(ca)),
    {
      ...authorized,
      // By default a second, growing to two minutes, and half a minute between look-ups of the name.
      "grpc.initial_reconnect_backoff_ms": 100,
      "grpc.max_reconnect_backoff_ms": 200,
      "grpc.dns_min_time_between_resolutions_ms": 100,
      // Channels of one process share connections otherwise.
      "grpc.use_local_subchannel_pool": 1,
      // Without pings a connection whose packets are lost is believed in for as long as TCP sends them again.
      "grpc.keepalive_time_ms": 500,
      "grpc.keepalive_timeout_ms": 500,
    },
  );
  return {
    client,
    check: (schedule) => grpc(client, { ...schedule, ...options }),
    [Symbol.asyncDispose]: async () => client.close(),
  };
}

const gone = ["ECONNREFUSED", "ECONNRESET", "UNAVAILABLE"];
/** Its longest delay between connects, with its jitter, and one connect. */
const clientMs = 500;

/** Calls of Watch, which go on until they are cancelled. */
const held = new WeakMap<Client, readonly { cancel(): void }[]>();

const grpcJs: Subject<GrpcServer, GrpcDependency> = {
  name: "grpc: grpc-js",
  programs: [],
  alpn: ["h2"],
  start: startGrpcServer,
  connect: async (address) => connect(address),
  cells: {
    refused: { errorTypes: gone, clientMs },
    hang: { errorTypes: ["timeout", "UNAVAILABLE"], clientMs },
    slow: { errorTypes: ["timeout", "UNAVAILABLE"], clientMs },
    reset: { errorTypes: gone, clientMs },
    "half-open": { errorTypes: ["timeout", "UNAVAILABLE"], clientMs },
    "wrong credentials": {
      errorTypes: ["UNAUTHENTICATED"],
      fault: "fatal",
      inject: async ({ server }) => server.set({ token: "rotated" }),
      heal: async ({ server }) => server.set({ token: "right" }),
    },
    "wrong database": {
      errorTypes: ["NOT_FOUND"],
      fault: "fatal",
      connect: async (address) => {
        const dependency = connect(address, { service: "typo" });
        const { client } = dependency;
        await promisify(client.waitForReady.bind(client))(Date.now() + 5_000);
        return dependency;
      },
      heal: async ({ server }) => {
        server.set({ services: ["", "typo"] });
        await server.stop();
        await server.start();
      },
      clientMs,
    },
    restart: { errorTypes: gone, clientMs },
    "read-only": "whether a service takes writes is its own affair: the health protocol knows serving and not serving",
    "pool exhausted": {
      errorTypes: ["timeout"],
      inject: async ({ dependency: { client } }) => {
        const watch = () =>
          client.makeServerStreamRequest(
            "/grpc.health.v1.Health/Watch",
            (bytes: Buffer) => bytes,
            (bytes: Buffer) => bytes,
            Buffer.alloc(0),
            new Metadata(),
          );
        const watches = Array.from({ length: 10 }, watch);
        for (const each of watches) each.on("error", () => {}).resume();
        held.set(client, watches);
      },
      heal: async ({ dependency: { client } }) => {
        for (const each of held.get(client) ?? []) each.cancel();
        held.delete(client);
      },
    },
    "DNS gone":
      "a channel goes on with the addresses that it has once resolved, and so do the application's calls: nothing is wrong",
    "TLS expired": { tls: true, errorTypes: ["CERT_HAS_EXPIRED"], fault: "persistent", clientMs },
  },
};

export const subjects: readonly Subject[] = [subject(grpcJs)];
