import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import * as grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";

const require = createRequire(import.meta.url);

/** The official proto, as grpc-health-check ships it. */
const proto = join(dirname(require.resolve("grpc-health-check/package.json")), "proto/health/v1/health.proto");
const loaded = grpc.loadPackageDefinition(loadSync(proto, { enums: String, defaults: true }));

/** The newest release, and the oldest that the peer range allows. */
export const releases: readonly (readonly [version: string, grpc: typeof import("@grpc/grpc-js")])[] = [
  ["1.14", grpc],
  ["1.8", require("grpc-js18")],
];

interface Status {
  readonly status: string;
}
interface Asked {
  readonly service: string;
}

/** A client made from the official proto. */
interface HealthClient extends grpc.Client {
  Check(asked: Asked, callback: (error: grpc.ServiceError | null, answer?: Status) => void): grpc.ClientUnaryCall;
  Watch(asked: Asked): grpc.ClientReadableStream<Status>;
  List(
    asked: object,
    callback: (error: grpc.ServiceError | null, answer?: { statuses: Record<string, Status> }) => void,
  ): void;
}

function clientOf(port: number): HealthClient {
  // biome-ignore lint/suspicious/noExplicitAny: what a loaded proto looks like is known at run time only
  const { Health } = (loaded as any).grpc.health.v1;
  return new Health(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), { "grpc.use_local_subchannel_pool": 1 });
}

/** A server on a free port with a client; both are gone at the end of the scope. */
export interface Serving extends AsyncDisposable {
  readonly port: number;
  readonly server: grpc.Server;
  readonly client: HealthClient;
  /** The serving status, or the code of the error. */
  check(service?: string): Promise<string>;
  watch(service?: string): Watching;
}

export async function serving(
  prepare: (server: grpc.Server) => unknown,
  { Server, ServerCredentials }: typeof import("@grpc/grpc-js") = grpc,
): Promise<Serving> {
  const server = new Server();
  prepare(server);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  // Needed before 1.10, and no longer there one day.
  if (Server !== grpc.Server) server.start();
  const client = clientOf(port);
  return {
    port,
    server,
    client,
    check: (service = "") =>
      new Promise((resolve) => {
        client.Check({ service }, (error, answer) => resolve(error === null ? (answer?.status ?? "") : codeOf(error)));
      }),
    watch: (service = "") => new Watching(client.Watch({ service })),
    async [Symbol.asyncDispose]() {
      client.close();
      server.forceShutdown();
    },
  };
}

export function codeOf({ code }: grpc.ServiceError): string {
  return grpc.status[code] as string;
}

/** A call of `Watch`, and what it was told. */
class Watching {
  readonly call: grpc.ClientReadableStream<Status>;
  readonly told: string[] = [];
  /** The code that it ended with. */
  readonly ended: Promise<string>;
  #arrived: () => void = () => {};

  constructor(call: grpc.ClientReadableStream<Status>) {
    this.call = call;
    call.on("data", ({ status }: Status) => {
      this.told.push(status);
      this.#arrived();
    });
    // An error is a status as well, and that comes.
    call.on("error", () => {});
    this.ended = new Promise((resolve) => {
      call.on("status", ({ code }) => resolve(grpc.status[code] as string));
    });
  }

  /** Resolves when that many statuses have arrived. */
  async until(count: number): Promise<readonly string[]> {
    while (this.told.length < count) {
      await new Promise<void>((resolve) => {
        this.#arrived = resolve;
      });
    }
    return this.told;
  }
}
