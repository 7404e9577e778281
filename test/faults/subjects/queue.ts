import { queue } from "@otel-health/checks/queue";
import { Queue } from "bullmq";
import { type RedisServer, redisPrograms, startRedis } from "../../servers/redis.ts";
import { type Address, type Dependency, type Subject, subject } from "../subject.ts";

/** BullMQ waits 1 to 20 s between two connects; an application that wants to be back soon sets less. */
const reconnectMs = 100;

async function connect({ host, port, ca }: Address): Promise<Dependency> {
  const jobs = new Queue("jobs", {
    connection: {
      host,
      port,
      username: "app",
      password: "right",
      retryStrategy: () => reconnectMs,
      ...(ca !== undefined && { tls: { ca } }),
    },
  });
  // Without it each error is printed.
  jobs.on("error", () => {});
  return {
    check: (schedule) => queue(jobs, { ...schedule, failBacklog: 100, failOldestMs: 60_000 }),
    emitters: () => [jobs],
    [Symbol.asyncDispose]: async () => {
      await jobs.close();
    },
  };
}

const bullmq: Subject<RedisServer> = {
  name: "queue: bullmq",
  programs: redisPrograms,
  start: () => startRedis(["--user", "app", "on", ">right", "~*", "&*", "+@all"]),
  connect,
  cells: {
    refused: { errorTypes: ["ECONNREFUSED"], clientMs: reconnectMs },
    hang: { errorTypes: ["timeout"] },
    slow: { errorTypes: ["timeout"] },
    reset: { errorTypes: ["ECONNRESET"], clientMs: reconnectMs },
    "half-open": { errorTypes: ["timeout"], clientMs: reconnectMs },
    "wrong credentials": {
      errorTypes: ["WRONGPASS"],
      fault: "fatal",
      clientMs: reconnectMs,
      inject: async ({ server }) => {
        await server.call("ACL", "SETUSER", "app", "resetpass", ">rotated");
        await server.call("CLIENT", "KILL", "USER", "app");
      },
      heal: ({ server }) => server.call("ACL", "SETUSER", "app", "resetpass", ">right"),
    },
    "wrong database":
      "the queue's client goes on in database 0, and the queue does not show it: redis() of that client does",
    restart: { errorTypes: ["ECONNREFUSED", "ECONNRESET"], clientMs: reconnectMs },
    "read-only": "a replica counts jobs as well as a primary does: redis() of the queue's client tells them apart",
    "pool exhausted": "there is no pool: one connection serves the whole queue",
    "DNS gone": { errorTypes: ["ENOTFOUND"], clientMs: reconnectMs },
    "TLS expired": { tls: true, errorTypes: ["CERT_HAS_EXPIRED"], fault: "persistent", clientMs: reconnectMs },
  },
};

export const subjects: readonly Subject[] = [subject(bullmq)];
