import { connect as connectTcp } from "node:net";
import { connect as connectTls } from "node:tls";
import { type KafkaOptions, kafka } from "@otel-health/checks/kafka";
import { type Admin, Kafka as KafkaJs, logLevel } from "kafkajs";
import { type Kafka, kafkaPrograms, startKafka } from "../../servers/kafka.ts";
import { type Address, type Dependency, type Subject, subject } from "../subject.ts";

interface KafkaDependency extends Dependency {
  readonly admin: Admin;
}

async function connect({ host, port, ca }: Address, options: KafkaOptions = {}): Promise<KafkaDependency> {
  const client = new KafkaJs({
    clientId: "matrix",
    brokers: [`${host}:${port}`],
    logLevel: logLevel.NOTHING,
    // Its own waits (1 s, 30 s and five retries) are longer than a run: then every failure is a timeout.
    connectionTimeout: 300,
    requestTimeout: 350,
    retry: { initialRetryTime: 50, retries: 1 },
    // The brokers advertise their own addresses, past the proxy: they are reached through it all the same.
    socketFactory: ({ onConnect }) =>
      ca === undefined
        ? connectTcp({ host, port }, onConnect)
        : connectTls({ host, port, ca, servername: "localhost" }, onConnect),
    ...(ca !== undefined && { ssl: { ca } }),
  });
  const admin = client.admin();
  await admin.connect();
  return {
    admin,
    check: (schedule) => kafka(admin, { ...schedule, ...options }),
    [Symbol.asyncDispose]: () => admin.disconnect(),
  };
}

/** A group that has committed where it begins: one that has not is a warning. */
async function readNothing({ port }: Kafka): Promise<void> {
  const client = new KafkaJs({ clientId: "reader", brokers: [`127.0.0.1:${port}`], logLevel: logLevel.NOTHING });
  const consumer = client.consumer({ groupId: "readers", allowAutoTopicCreation: false });
  await consumer.connect();
  await consumer.subscribe({ topic: "orders" });
  const joined = new Promise((resolve) => consumer.on("consumer.group_join", resolve));
  await consumer.run({ autoCommit: false, eachMessage: async () => {} });
  await joined;
  await consumer.commitOffsets([{ topic: "orders", partition: 0, offset: "0" }]);
  await consumer.disconnect();
}

const lost = ["ECONNREFUSED", "ECONNRESET", "connection_lost", "connect_failed", "no_metadata", "no_broker", "timeout"];
const unanswered = ["timeout", "request_timeout", "connect_failed", "no_metadata"];
const offsetFetch = 9;
const groupAuthorizationFailed = 30;

const kafkajs: Subject<Kafka, KafkaDependency> = {
  name: "kafka: kafkajs",
  programs: kafkaPrograms,
  start: async () => {
    const server = await startKafka();
    await server.topic("orders", 1);
    await readNothing(server);
    return server;
  },
  connect: (address) => connect(address),
  cells: {
    refused: { errorTypes: lost },
    hang: { errorTypes: unanswered },
    slow: { errorTypes: unanswered },
    // kafkajs 2.2.4 keeps the half of an answer that it got, and takes what the next connection brings for the rest: it
    // misreads everything from then on, and only another client is well again.
    reset: { errorTypes: lost, inject: ({ proxy }) => proxy.setMode("cut") },
    "half-open": { errorTypes: unanswered },
    // The mock cluster knows no users: this is a permission that is taken away.
    "wrong credentials": {
      errorTypes: ["GROUP_AUTHORIZATION_FAILED"],
      fault: "fatal",
      connect: (address) => connect(address, { topics: ["orders"], groupId: "readers", maxLag: 0 }),
      inject: ({ server }) => server.errors(offsetFetch, groupAuthorizationFailed, 100),
      heal: ({ server }) => server.clear(offsetFetch),
    },
    "wrong database": {
      errorTypes: ["unknown_topic"],
      fault: "persistent",
      connect: (address) => connect(address, { topics: ["typo"] }),
      heal: ({ server }) => server.topic("typo", 1),
    },
    restart: { errorTypes: lost },
    // A partition without a leader takes no messages.
    "read-only": {
      errorTypes: ["no_leader"],
      connect: (address) => connect(address, { topics: ["orders"] }),
      inject: ({ server }) => server.leader("orders", 0, -1),
      heal: ({ server }) => server.leader("orders", 0, 1),
    },
    "pool exhausted": "this client has one connection to a broker, and no pool",
    "DNS gone": { errorTypes: ["ENOTFOUND"] },
    "TLS expired": { tls: true, errorTypes: ["CERT_HAS_EXPIRED"], fault: "persistent" },
  },
};

export const subjects: readonly Subject[] = [subject(kafkajs)];
