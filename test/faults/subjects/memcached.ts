import { memcached } from "@otel-health/checks/memcached";
import { Client } from "memjs";
import { type Memcached, memcachedPrograms, startMemcached } from "../../servers/memcached.ts";
import { type Address, type Dependency, type Subject, subject } from "../subject.ts";

/** Its own `close` of a connection that it has given up forgets the one that it has made since. */
const forgetful = "memjs forgets an open connection when one that it gave up ends at last";

async function connect({ host, port }: Address, more: object = {}): Promise<Dependency> {
  // Its log is the console.
  const client = Client.create(`${host}:${port}`, { logger: { log() {} }, ...more });
  return {
    check: (schedule) => memcached(client, schedule),
    emitters: () => client.servers,
    [Symbol.asyncDispose]: async () => client.close(),
  };
}

const memjs: Subject<Memcached> = {
  name: "memcached: memjs",
  programs: memcachedPrograms,
  start: () => startMemcached(),
  connect: (address) => connect(address),
  cells: {
    refused: { errorTypes: ["ECONNREFUSED"] },
    hang: { errorTypes: ["timeout", "connect_timeout"], driverLeaves: forgetful },
    slow: { errorTypes: ["timeout", "connect_timeout"], driverLeaves: forgetful },
    // A client that got half an answer keeps that half, and understands no answer after it: it takes another one.
    reset: {
      errorTypes: ["ECONNRESET", "timeout", "connect_timeout"],
      driverLeaves: forgetful,
      inject: ({ proxy }) => proxy.setMode("cut"),
    },
    "half-open": { errorTypes: ["timeout", "connect_timeout"], driverLeaves: forgetful },
    "wrong credentials": {
      errorTypes: ["authentication"],
      fault: "fatal",
      connect: (address) => connect(address, { username: "app", password: "wrong" }),
      // It asks for users from now on, and knows none.
      inject: async ({ server }) => {
        await server.stop();
        await server.start(["-S"]);
      },
      heal: async ({ server }) => {
        await server.stop();
        await server.start([]);
      },
    },
    "wrong database": "memcached has no databases",
    restart: { errorTypes: ["ECONNREFUSED", "ECONNRESET"] },
    "read-only": "memcached has no mode in which it only reads",
    "pool exhausted": "there is no pool: one connection to each server serves the whole application",
    "DNS gone": { errorTypes: ["ENOTFOUND"] },
    "TLS expired": "this client does not speak TLS",
  },
};

export const subjects: readonly Subject[] = [subject(memjs)];
