import { redis } from "@otel-health/checks/redis";
import { Redis } from "ioredis";
import { createClient } from "redis";
import { type RedisServer, redisPrograms, startRedis } from "../../servers/redis.ts";
import { type Address, type Cell, type Dependency, type Subject, subject } from "../subject.ts";

/** Both drivers wait up to 2 s between two connects; an application that wants to be back soon sets less. */
const reconnectMs = 100;
const account = { username: "app", password: "right" };

interface IoredisDependency extends Dependency {
  readonly client: Redis;
}

async function connectIoredis({ host, port, ca }: Address, more: object = {}): Promise<IoredisDependency> {
  const client = new Redis({
    host,
    port,
    ...account,
    retryStrategy: () => reconnectMs,
    ...(ca !== undefined && { tls: { ca } }),
    ...more,
  });
  // Without it each error is printed.
  client.on("error", () => {});
  return {
    client,
    check: (schedule) => redis(client, schedule),
    emitters: () => [client],
    [Symbol.asyncDispose]: async () => client.disconnect(),
  };
}

async function connectNodeRedis({ host, port, ca }: Address, more: object = {}): Promise<Dependency> {
  const socket = { host, port, reconnectStrategy: () => reconnectMs };
  const client = createClient({
    socket: ca === undefined ? socket : { ...socket, tls: true, ca },
    ...account,
    ...more,
  });
  // Without it the first error ends the process.
  client.on("error", () => {});
  // It goes on until it has connected.
  client.connect().catch(() => {});
  return {
    check: (schedule) => redis(client, schedule),
    emitters: () => [client],
    [Symbol.asyncDispose]: async () => client.destroy(),
  };
}

const cutOff = ["CLIENT", "KILL", "USER", "app"] as const;

/** What is the same for both. */
function cells<D extends Dependency>(connect: (address: Address, more: object) => Promise<D>) {
  return {
    refused: { errorTypes: ["ECONNREFUSED"] },
    hang: { errorTypes: ["timeout"] },
    slow: { errorTypes: ["timeout"] },
    reset: { errorTypes: ["ECONNRESET"] },
    "half-open": { errorTypes: ["timeout"] },
    "wrong credentials": {
      errorTypes: ["WRONGPASS"],
      fault: "fatal",
      inject: async ({ server }) => {
        await server.call("ACL", "SETUSER", "app", "resetpass", ">rotated");
        await server.call(...cutOff);
      },
      heal: ({ server }) => server.call("ACL", "SETUSER", "app", "resetpass", ">right"),
    },
    // The number of databases cannot be changed while a server runs.
    "wrong database": {
      errorTypes: ["wrong_database"],
      fault: "fatal",
      connect: (address) => connect(address, { db: 99, database: 99 }),
    },
    restart: { errorTypes: ["ECONNREFUSED", "ECONNRESET"] },
    "read-only": {
      errorTypes: ["not_primary"],
      inject: ({ server }) => server.call("REPLICAOF", "127.0.0.1", "1"),
      heal: ({ server }) => server.call("REPLICAOF", "NO", "ONE"),
    },
    "pool exhausted": "there is no pool: one connection serves the whole application",
    "DNS gone": { errorTypes: ["ENOTFOUND"] },
    "TLS expired": { tls: true, errorTypes: ["CERT_HAS_EXPIRED"], fault: "persistent" },
  } satisfies { readonly [fault: string]: Cell<RedisServer, D> | string };
}

function withDelay<D extends Dependency>(all: Subject<RedisServer, D>["cells"]): Subject<RedisServer, D>["cells"] {
  const entries = Object.entries(all).map(([fault, cell]) => [
    fault,
    typeof cell === "string" ? cell : { clientMs: reconnectMs, ...cell },
  ]);
  return Object.fromEntries(entries);
}

function start(): Promise<RedisServer> {
  return startRedis(["--user", "app", "on", ">right", "~*", "&*", "+@all"]);
}

const ioredisSubject: Subject<RedisServer, IoredisDependency> = {
  name: "redis: ioredis",
  programs: redisPrograms,
  start,
  connect: (address) => connectIoredis(address),
  cells: withDelay(cells(connectIoredis)),
};

const nodeRedisSubject: Subject<RedisServer> = {
  name: "redis: redis",
  programs: redisPrograms,
  start,
  connect: (address) => connectNodeRedis(address),
  cells: withDelay(cells(connectNodeRedis)),
};

export const subjects: readonly Subject[] = [subject(ioredisSubject), subject(nodeRedisSubject)];
