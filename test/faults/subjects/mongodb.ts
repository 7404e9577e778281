import { mongodb } from "@otel-health/checks/mongodb";
import { MongoClient } from "mongodb";
import { type MongodbStub, startMongodbStub } from "../../servers/mongodb-stub.ts";
import { type Address, type Dependency, type Subject, subject } from "../subject.ts";

interface MongodbDependency extends Dependency {
  readonly client: MongoClient;
}

async function connect({ host, port, ca }: Address): Promise<MongodbDependency> {
  const client = new MongoClient(`mongodb://${host}:${port}/?directConnection=true`, {
    auth: { username: "app", password: "right" },
    authMechanism: "PLAIN",
    authSource: "$external",
    maxPoolSize: 3,
    // Its monitor asks every ten seconds by default, and takes up to half a minute to connect.
    heartbeatFrequencyMS: 500,
    connectTimeoutMS: 500,
    // By default an operation waits for a connection without end.
    waitQueueTimeoutMS: 200,
    ...(ca !== undefined && { tls: true, ca }),
  });
  await client.connect().catch(() => {});
  return {
    client,
    check: (schedule) => mongodb(client, schedule),
    emitters: () => [client],
    [Symbol.asyncDispose]: () => client.close(),
  };
}

/** Until the monitor asks again. */
const clientMs = 1_000;
const gone = ["ECONNREFUSED", "ECONNRESET", "network", "no_server"];

const driver: Subject<MongodbStub, MongodbDependency> = {
  name: "mongodb: mongodb",
  programs: [],
  start: startMongodbStub,
  connect,
  cells: {
    refused: { errorTypes: gone, clientMs },
    hang: { errorTypes: ["timeout", "network_timeout"], clientMs },
    slow: { errorTypes: ["timeout", "network_timeout"], clientMs },
    reset: { errorTypes: [...gone, "network_timeout"], clientMs },
    "half-open": { errorTypes: ["timeout", "network_timeout"], clientMs },
    "wrong credentials": {
      errorTypes: ["authentication"],
      fault: "fatal",
      clientMs,
      inject: ({ server }) => server.control({ password: "rotated" }, { cut: true }),
      heal: ({ server }) => server.control({ password: "right" }),
    },
    "wrong database": "MongoDB makes a database with its first document: there is no wrong one",
    restart: { errorTypes: gone, clientMs },
    "read-only": {
      errorTypes: ["not_primary"],
      inject: ({ server }) => server.control({ role: "secondary" }),
      heal: ({ server }) => server.control({ role: "primary" }),
    },
    "pool exhausted": {
      errorTypes: ["pool_exhausted"],
      clientMs,
      inject: async ({ dependency: { client } }) => {
        for (let i = 0; i < 3; i++) {
          client
            .db("admin")
            .command({ hold: 1 })
            .catch(() => {});
        }
      },
      heal: ({ server }) => server.control({}, { cut: true }),
    },
    "DNS gone": { errorTypes: ["ENOTFOUND"], clientMs },
    "TLS expired": { tls: true, errorTypes: ["CERT_HAS_EXPIRED"], fault: "persistent", clientMs },
  },
};

export const subjects: readonly Subject[] = [subject(driver)];
