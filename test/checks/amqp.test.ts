import { type AmqpOptions, amqp } from "@otel-health/checks/amqp";
import { createHealth, type FunctionCheck, type RunContext, systemClock } from "@otel-health/core";
import { until } from "@otel-health/testkit";
import { type ChannelModel, connect } from "amqplib";
import * as callbacks from "amqplib/callback_api";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Rabbitmq, rabbitmqPrograms, startRabbitmq } from "../servers/rabbitmq.ts";
import { missing } from "../servers/require-server.ts";

const context = (signal = new AbortController().signal): RunContext => ({
  signal,
  clock: systemClock,
  timeoutMs: 2_000,
});

describe.skipIf(missing(...rabbitmqPrograms))("amqp() of a real RabbitMQ", () => {
  let broker: Rabbitmq;
  let connection: ChannelModel;

  beforeAll(async () => {
    broker = await startRabbitmq();
  });

  afterAll(() => broker?.[Symbol.asyncDispose]());

  const address = () => ({ hostname: "127.0.0.1", port: broker.port });

  beforeEach(async () => {
    connection = await connect(address());
    connection.on("error", () => {});
  });

  afterEach(() => connection.close().catch(() => {}));

  const outcomeOf = (options?: AmqpOptions) => amqp(connection, options).run(context());

  /** Registered, so that it listens, with its first run behind it. */
  async function registered(check: FunctionCheck) {
    const health = createHealth({ checks: { broker: check } });
    await health.start();
    const now = () => health.snapshot().checks.broker;
    await until(() => now()?.status === "healthy", { describe: "healthy" });
    return Object.assign(now, { [Symbol.asyncDispose]: () => health.stop() });
  }

  it("passes, and leaves no channel, no queue and no listener", async () => {
    const before = connection.eventNames();
    expect(await outcomeOf()).toBeUndefined();
    expect(await outcomeOf({ queue: "nobody" })).toMatchObject({ errorType: "NOT_FOUND", fault: "persistent" });
    // The connection is as good as before.
    expect(await outcomeOf()).toBeUndefined();
    expect((await broker.ctl("list_channels", "pid")).trim()).toBe("");
    expect((await broker.ctl("list_queues", "name")).trim()).toBe("");
    expect(connection.eventNames()).toEqual(before);
  });

  it("judges how deep a queue is, and who consumes it", async () => {
    const channel = await connection.createConfirmChannel();
    await channel.assertQueue("orders");
    for (let n = 0; n < 5; n++) channel.sendToQueue("orders", Buffer.from("x"));
    await channel.waitForConfirms();
    expect(await outcomeOf({ queue: "orders", warnDepth: 5 })).toBeUndefined();
    expect(await outcomeOf({ queue: "orders", warnDepth: 4 })).toMatchObject({ status: "warn" });
    expect(await outcomeOf({ queue: "orders", failDepth: 4 })).toMatchObject({ errorType: "queue_depth" });
    expect(await outcomeOf({ queue: "orders", minConsumers: 1 })).toMatchObject({ status: "warn" });
    await channel.consume("orders", () => {});
    expect(await outcomeOf({ queue: "orders", minConsumers: 1, warnDepth: 0 })).toBeUndefined();
    await channel.deleteQueue("orders");
  });

  it("tells the queue that is another connection's", async () => {
    const other = await connect(address());
    await (await other.createChannel()).assertQueue("mine", { exclusive: true });
    expect(await outcomeOf({ queue: "mine" })).toMatchObject({ errorType: "RESOURCE_LOCKED" });
    await other.close();
  });

  it("tells a connection that an alarm blocks, and that it is free again", async () => {
    const channel = await connection.createChannel();
    await using now = await registered(amqp(connection, { failureThreshold: 1, gracePeriodMs: 0 }));
    await broker.alarm(true);
    try {
      channel.publish("", "nobody", Buffer.from("x"));
      await until(() => now()?.errorType === "blocked", { describe: "blocked" });
      expect(now()).toMatchObject({ status: "unhealthy", message: expect.stringContaining("memory") });
    } finally {
      await broker.alarm(false);
    }
    await until(() => now()?.status === "healthy", { describe: "healthy" });
  });

  it("tells a connection that was closed, and follows the application's next one", async () => {
    let current: ChannelModel | undefined = connection;
    const check = amqp(() => current);
    expect(await check.run(context())).toBeUndefined();
    const closed = new Promise((resolve) => connection.on("close", resolve));
    await broker.ctl("close_all_connections", "maintenance");
    await closed;
    expect(await check.run(context())).toMatchObject({ errorType: "CONNECTION_FORCED" });
    expect(await outcomeOf()).toMatchObject({ fault: "persistent", hint: expect.stringContaining("recovery") });
    current = undefined;
    expect(await check.run(context())).toMatchObject({ errorType: "not_connected" });
    current = await connect(address());
    expect(await check.run(context())).toBeUndefined();
    await current.close();
    expect(await check.run(context())).toMatchObject({ errorType: "connection_closed" });
  });

  it("tells channels that are used up", async () => {
    const small = await connect({ ...address(), channelMax: 1 });
    const check = amqp(small);
    expect(await check.run(context())).toBeUndefined();
    const channel = await small.createChannel();
    expect(await check.run(context())).toMatchObject({ status: "fail", errorType: "channels_exhausted" });
    await channel.close();
    expect(await check.run(context())).toBeUndefined();
    await small.close();
  });

  it("gives up on a broker that hangs, and closes every channel once it goes on", async () => {
    const check = amqp(connection);
    broker.pause();
    try {
      for (let run = 0; run < 5; run++) {
        expect(await check.run(context(AbortSignal.timeout(30)))).toMatchObject({
          status: "fail",
          errorType: "timeout",
        });
      }
    } finally {
      broker.resume();
    }
    expect(await check.run(context())).toBeUndefined();
    await until(async () => (await broker.ctl("list_channels", "pid")).trim() === "", { describe: "no channels" });
  });

  it("refuses a connection of the callback API", async () => {
    const called = await new Promise<callbacks.Connection>((resolve, reject) => {
      callbacks.connect(address(), (error, made) => (error ? reject(error) : resolve(made)));
    });
    expect(() => amqp(called as never)).toThrow("amqplib with promises, or a function");
    await new Promise<void>((resolve) => called.close(() => resolve()));
  });

  it("tells why a connection with recovery is down", async () => {
    const recovering = await connect(address(), { recovery: { initialDelay: 50, maxDelay: 50 } });
    recovering.on("error", () => {});
    await using now = await registered(amqp(recovering, { failureThreshold: 1, gracePeriodMs: 0 }));
    await broker.stop();
    await until(() => now()?.errorType === "ECONNREFUSED", { describe: "refused" });
    await broker.start();
    await until(() => now()?.status === "healthy", { describe: "healthy" });
    await recovering.close();
  });
});
