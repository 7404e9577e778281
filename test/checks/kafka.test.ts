import { type KafkaOptions, kafka } from "@otel-health/checks/kafka";
import { createHealth, type RunContext, systemClock } from "@otel-health/core";
import { until } from "@otel-health/testkit";
import { type Admin, Kafka as KafkaJs, logLevel } from "kafkajs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Kafka, kafkaPrograms, startKafka } from "../servers/kafka.ts";
import { missing } from "../servers/require-server.ts";

const context = (signal = new AbortController().signal): RunContext => ({
  signal,
  clock: systemClock,
  timeoutMs: 2_000,
});

/** Kafka's numbers of a request and of an error. */
const offsetFetch = 9;
const groupAuthorizationFailed = 30;

describe.skipIf(missing(...kafkaPrograms))("kafka() of a mock cluster", () => {
  let cluster: Kafka;
  let client: KafkaJs;
  let admin: Admin;

  beforeAll(async () => {
    cluster = await startKafka({ brokers: 3 });
    await cluster.topic("orders", 3, 3);
    client = new KafkaJs({
      clientId: "test",
      brokers: [...cluster.brokers],
      logLevel: logLevel.NOTHING,
      connectionTimeout: 300,
      requestTimeout: 1_000,
      retry: { initialRetryTime: 50, retries: 1 },
    });
    admin = client.admin();
    await admin.connect();
  });

  afterAll(async () => {
    await admin?.disconnect();
    await cluster?.[Symbol.asyncDispose]();
  });

  const outcomeOf = (options?: KafkaOptions, given = admin) => kafka(given, options).run(context());

  it("passes, and creates no topic that is missing", async () => {
    expect(await outcomeOf()).toBeUndefined();
    expect(await outcomeOf({ topics: ["orders"] })).toBeUndefined();
    const options = { topics: ["orders", "nope"], groupId: "g", maxLag: 0 };
    expect(await outcomeOf(options)).toMatchObject({ errorType: "unknown_topic", fault: "persistent" });
    expect(await admin.listTopics()).toEqual(["orders"]);
  });

  it("tells a partition without a leader", async () => {
    await cluster.leader("orders", 1, -1);
    expect(await outcomeOf({ topics: ["orders"] })).toMatchObject({
      status: "fail",
      errorType: "no_leader",
      message: "there is no leader of orders-1",
    });
    await cluster.leader("orders", 1, 1);
    expect(await outcomeOf({ topics: ["orders"] })).toBeUndefined();
  });

  it("counts what a group has not read", async () => {
    expect(await outcomeOf({ topics: ["orders"], groupId: "readers", maxLag: 0 })).toMatchObject({ status: "warn" });
    const producer = client.producer();
    await producer.connect();
    const messages = [0, 1, 2, 3, 4].map((n) => ({ value: String(n), partition: n % 2 }));
    await producer.send({ topic: "orders", messages });
    await producer.disconnect();
    const consumer = client.consumer({ groupId: "readers", allowAutoTopicCreation: false });
    await consumer.connect();
    await consumer.subscribe({ topic: "orders", fromBeginning: true });
    const joined = new Promise((resolve) => consumer.on("consumer.group_join", resolve));
    await consumer.run({ autoCommit: false, eachMessage: async () => {} });
    await joined;
    await consumer.commitOffsets([
      { topic: "orders", partition: 0, offset: "1" },
      { topic: "orders", partition: 1, offset: "0" },
    ]);
    await consumer.disconnect();
    const group = { topics: ["orders"], groupId: "readers" };
    expect(await outcomeOf({ ...group, maxLag: 3 })).toMatchObject({
      errorType: "consumer_lag",
      message: "group readers is 4 messages behind, more than 3",
    });
    expect(await outcomeOf({ ...group, maxLag: 4 })).toBeUndefined();
  });

  it("tells that the group may not be looked at", async () => {
    await cluster.errors(offsetFetch, groupAuthorizationFailed, 10);
    expect(await outcomeOf({ topics: ["orders"], groupId: "readers", maxLag: 100 })).toMatchObject({
      errorType: "GROUP_AUTHORIZATION_FAILED",
      fault: "fatal",
    });
    await cluster.clear(offsetFetch);
    expect(await outcomeOf({ topics: ["orders"], groupId: "readers", maxLag: 100 })).toBeUndefined();
  });

  it("passes while a broker is left, fails without one, and is well again after it", async () => {
    await cluster.down(1);
    // The client may find out first that the broker it asked is the one that is gone.
    await until(async () => (await outcomeOf()) === undefined, { describe: "another broker is asked" });
    await cluster.down(2);
    await cluster.down(3);
    const errorTypes = ["ECONNREFUSED", "ECONNRESET", "no_metadata", "no_broker", "connection_lost", "connect_failed"];
    const outcome = await until(async () => (await outcomeOf()) ?? false, { describe: "no broker is left" });
    expect(outcome).toMatchObject({ status: "fail" });
    expect(errorTypes).toContain(outcome.errorType);
    for (const broker of [1, 2, 3]) await cluster.up(broker);
    await until(async () => (await outcomeOf()) === undefined, { describe: "well again" });
  });

  it("gives up on brokers that hang", async () => {
    const check = kafka(admin);
    cluster.pause();
    try {
      const briefly = () => check.run(context(AbortSignal.timeout(30)));
      await until(async () => (await briefly())?.status === "fail", { describe: "the brokers have stopped" });
      for (let run = 0; run < 5; run++) {
        expect(await briefly()).toMatchObject({
          status: "fail",
          errorType: "timeout",
        });
      }
    } finally {
      cluster.resume();
    }
    await until(async () => (await check.run(context())) === undefined, { describe: "well again" });
  });

  it("does not connect a client again that the application has disconnected", async () => {
    const own = client.admin();
    await own.connect();
    const health = createHealth({
      checks: { kafka: kafka(own, { failureThreshold: 1, gracePeriodMs: 0, intervalMs: 50 }) },
    });
    await health.start();
    await until(() => health.snapshot().checks.kafka?.status === "healthy", { describe: "healthy" });
    await own.disconnect();
    await until(() => health.snapshot().checks.kafka?.errorType === "client_closed", { describe: "closed" });
    await health.stop();
  });
});
