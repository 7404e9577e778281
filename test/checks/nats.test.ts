import { connect as connectIo } from "@nats-io/transport-node";
import { type NatsConnection, type NatsOptions, nats } from "@otel-health/checks/nats";
import { type FunctionCheck, systemClock } from "@otel-health/core";
import { until } from "@otel-health/testkit";
import { connect as connectNats, DiscardPolicy } from "nats";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Nats, startNats } from "../servers/nats.ts";
import { startNatsCluster } from "../servers/nats-cluster.ts";
import { missing } from "../servers/require-server.ts";

const ask = (check: FunctionCheck, signal: AbortSignal = new AbortController().signal) =>
  check.run({ signal, clock: systemClock, timeoutMs: 2_000 });

interface Open extends NatsConnection {
  close(): Promise<void>;
  drain(): Promise<void>;
}

const drivers = [
  ["nats", connectNats],
  ["@nats-io/transport-node", connectIo],
] as const;

describe.skipIf(missing("nats-server")).each(drivers)("nats() with %s on a real server", (_name, open) => {
  let server: Nats;
  const connections: Open[] = [];

  beforeAll(async () => {
    server = await startNats();
  });
  afterAll(async () => {
    for (const connection of connections) await connection.close();
    await server?.[Symbol.asyncDispose]();
  });

  async function connect(more: { user?: string; pass?: string; ignoreAuthErrorAbort?: boolean } = {}): Promise<Open> {
    const reconnects = { maxReconnectAttempts: -1, reconnectTimeWait: 50 };
    const options = { port: server.port, user: "app", pass: "right", tls: null, ...reconnects };
    const connection: Open = await open({ ...options, ...more });
    connections.push(connection);
    return connection;
  }
  const asked = async (options?: NatsOptions, user?: string) =>
    ask(nats(await connect(user === undefined ? {} : { user }), options));

  it("passes where the server answers, and JetStream where it is wanted", async () => {
    expect(await asked()).toBeUndefined();
    expect(await asked({ jetstream: true })).toBeUndefined();
    expect(await asked({}, "plain")).toBeUndefined();
  });

  it("knows an account without JetStream, and a user who may not ask it", async () => {
    expect(await asked({ jetstream: true }, "plain")).toMatchObject({
      status: "fail",
      errorType: "jetstream_disabled",
    });
    expect(await asked({ jetstream: true }, "poor")).toMatchObject({ errorType: "permissions", fault: "fatal" });
    expect(await asked({ jetstream: true, domain: "elsewhere" })).toMatchObject({ errorType: "no_responders" });
  });

  it("wants the stream and the consumer that are named", async () => {
    const options = { stream: "orders", consumer: "billing" };
    expect(await asked(options)).toMatchObject({ errorType: "stream_not_found", fault: "fatal" });
    await server.createStream("orders");
    expect(await asked({ stream: "orders" })).toBeUndefined();
    expect(await asked(options)).toMatchObject({ errorType: "consumer_not_found", fault: "fatal" });
    await server.createConsumer("orders", "billing");
    expect(await asked(options)).toBeUndefined();
    await server.publish("orders");
    await server.publish("orders");
    expect(await asked({ ...options, warnPending: 2 })).toBeUndefined();
    expect(await asked({ ...options, warnPending: 1 })).toMatchObject({
      status: "warn",
      message: "2 messages wait for the consumer billing, more than 1",
    });
  });

  it("knows a stream that takes no more", async () => {
    await server.createStream("full", { max_msgs: 1, discard: DiscardPolicy.New });
    expect(await asked({ stream: "full" })).toBeUndefined();
    await server.publish("full");
    expect(await asked({ stream: "full" })).toMatchObject({ status: "fail", errorType: "stream_full" });
  });

  it("has few questions out to a server that hangs, and goes on once it answers", async () => {
    const connection = await connect();
    const check = nats(connection, { jetstream: true });
    expect(await ask(check)).toBeUndefined();
    server.pause();
    for (let run = 0; run < 5; run++) {
      const controller = new AbortController();
      const running = ask(check, controller.signal);
      controller.abort(new Error("time is up"));
      expect(await running).toMatchObject({ status: "fail", message: "time is up" });
    }
    server.resume();
    expect(await ask(check)).toBeUndefined();
  });

  it("sends nothing while there is no connection, and says why where that is known", async () => {
    const connection = await connect({ ignoreAuthErrorAbort: true });
    const check = nats(connection, { jetstream: true });
    const stop = check.attach?.(() => {});
    await server.set({ password: "rotated" });
    // While it takes its settings over the server says for a moment that there is no JetStream.
    const refused = async () => {
      const outcome = await ask(check);
      return outcome?.errorType === "authorization" && outcome;
    };
    expect(await until(refused, { describe: "it is refused" })).toMatchObject({ status: "fail", fault: "fatal" });
    await server.set({ password: "right" });
    await until(async () => (await ask(check)) === undefined, { describe: "it is back" });
    await server.stop();
    expect(await ask(check)).toMatchObject({ status: "fail", errorType: "disconnected" });
    await server.start();
    await until(async () => (await ask(check)) === undefined, { describe: "it is back again" });
    stop?.();
  });

  it("says why the client has given up for good", async () => {
    const connection = await connect();
    const check = nats(connection);
    await server.set({ password: "rotated" });
    expect(await connection.closed()).toBeInstanceOf(Error);
    expect(await ask(check)).toMatchObject({ errorType: "authorization", fault: "fatal" });
    await server.set({ password: "right" });
  });

  it("knows a connection that the application ends", async () => {
    const connection = await connect();
    const check = nats(connection);
    const drained = connection.drain();
    // It may be closed by the time that the check looks.
    const ending = { errorType: expect.stringMatching(/^client_(draining|closed)$/), fault: "persistent" };
    expect(await ask(check)).toMatchObject(ending);
    await drained;
    expect(await ask(check)).toMatchObject({ errorType: "client_closed", fault: "persistent" });
    expect(() => nats(connection)).toThrow("client of nats() is closed already");
  });
});

describe.skipIf(missing("nats-server"))("nats() on a real cluster", () => {
  it("warns of a replica that is gone, and fails once too many are", async () => {
    await using cluster = await startNatsCluster("orders");
    const [port = 0] = cluster.ports;
    const connection = await connectNats({ port, ignoreClusterUpdates: true, maxReconnectAttempts: -1 });
    try {
      const check = nats(connection, { stream: "orders" });
      const becomes = (status: string | undefined, message?: string) =>
        until(
          async () => {
            const outcome = await check.run({
              signal: AbortSignal.timeout(1_000),
              clock: systemClock,
              timeoutMs: 1_000,
            });
            return outcome?.status === status && outcome?.message === (message ?? outcome?.message) && { outcome };
          },
          { describe: `it is ${status ?? "well"}`, timeoutMs: 60_000 },
        );
      await becomes(undefined);
      await cluster.servers[2]?.stop();
      // The others may be behind for a moment too.
      await becomes("warn", "1 of 3 replicas of the stream orders are offline or behind");
      await cluster.servers[1]?.stop();
      // Nobody may speak for the stream any more.
      await becomes("fail");
      await Promise.all([cluster.servers[1]?.start(), cluster.servers[2]?.start()]);
      await becomes(undefined);
    } finally {
      await connection.close();
    }
  }, 240_000);
});
