import { memcached } from "@otel-health/checks/memcached";
import { Client } from "memjs";
import { type Memcached, memcachedPrograms, startMemcached } from "../../servers/memcached.ts";
import { type Address, type Dependency, type Subject, subject } from "../subject.ts";

async function connect({ host, port }: Address): Promise<Dependency> {
  // Its log is the console.
  const client = Client.create(`${host}:${port}`, { username: "app", password: "right", logger: { log() {} } });
  return {
    check: (schedule) => memcached(client, schedule),
    emitters: () => client.servers,
    [Symbol.asyncDispose]: async () => client.close(),
  };
}

const memjs: Subject<Memcached> = {
  name: "memcached: memjs",
  programs: memcachedPrograms,
  start: startMemcached,
  connect,
  cells: {
    refused: { errorTypes: ["ECONNREFUSED"] },
    hang: { errorTypes: ["timeout"] },
    slow: { errorTypes: ["timeout"] },
    reset: { errorTypes: ["ECONNRESET"] },
    "half-open": { errorTypes: ["timeout"] },
    "wrong credentials": {
      errorTypes: ["authentication"],
      fault: "fatal",
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
