import { Client, type ClientOptions, credentials, InterceptingCall } from "@grpc/grpc-js";
import { grpc } from "@otel-health/checks/grpc";
import { type FunctionCheck, systemClock } from "@otel-health/core";
import { until } from "@otel-health/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dependencyHost, Names } from "../faults/names.ts";
import { type GrpcServer, startGrpcServer } from "../servers/grpc.ts";

const ask = (check: FunctionCheck, signal: AbortSignal = new AbortController().signal) =>
  check.run({ signal, clock: systemClock, timeoutMs: 2_000 });

describe("grpc() on a real server", () => {
  let server: GrpcServer;
  const clients: Client[] = [];

  beforeAll(async () => {
    server = await startGrpcServer();
  });
  afterAll(async () => {
    for (const client of clients) client.close();
    await server?.[Symbol.asyncDispose]();
  });

  function connect(token = "right", host = "127.0.0.1"): Client {
    const authorized: ClientOptions = {
      interceptors: [
        (options, nextCall) =>
          new InterceptingCall(nextCall(options), {
            start: (metadata, listener, next) => {
              metadata.set("authorization", token);
              next(metadata, listener);
            },
          }),
      ],
    };
    const client = new Client(`${host}:${server.port}`, credentials.createInsecure(), {
      ...authorized,
      "grpc.initial_reconnect_backoff_ms": 100,
      "grpc.max_reconnect_backoff_ms": 200,
      "grpc.use_local_subchannel_pool": 1,
    });
    clients.push(client);
    return client;
  }

  it("hears what the server says of itself and of its services", async () => {
    const client = connect();
    expect(await ask(grpc(client))).toBeUndefined();
    expect(await ask(grpc(client, { service: "orders" }))).toBeUndefined();
    expect(await ask(grpc(client, { service: "typo" }))).toMatchObject({ errorType: "NOT_FOUND", fault: "fatal" });
    server.set({ serving: false });
    const said = await until(async () => (await ask(grpc(client, { service: "orders" }))) ?? undefined, {
      describe: "it is not serving",
    });
    expect(said).toMatchObject({ status: "fail", errorType: "NOT_SERVING" });
    expect(said).toMatchObject({ message: 'its service "orders" is not serving' });
    server.set({ serving: true });
    await until(async () => (await ask(grpc(client))) === undefined, { describe: "it is serving again" });
  });

  it("asks with what the application's interceptors add", async () => {
    const client = connect("stolen");
    expect(await ask(grpc(client))).toMatchObject({ errorType: "UNAUTHENTICATED", fault: "fatal" });
  });

  it("takes a call back when its time is up, and goes on once the server does", async () => {
    const client = connect();
    const check = grpc(client);
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

  it("says why there is no connection, and that somebody closed the client", async () => {
    const client = connect();
    const check = grpc(client);
    await server.stop();
    expect(await ask(check)).toMatchObject({ status: "fail", errorType: "ECONNREFUSED" });
    await server.start();
    await until(async () => (await ask(check)) === undefined, { describe: "it is back" });
    client.close();
    expect(await ask(check)).toMatchObject({ errorType: "client_closed", fault: "persistent" });
  });

  it("says that a name does not resolve", async () => {
    new Names().known = false;
    const outcome = await ask(grpc(connect("right", dependencyHost)));
    expect(outcome).toMatchObject({ status: "fail", errorType: "ENOTFOUND" });
  });

  it("takes a server without a health service as asked", async () => {
    await server.stop();
    server.set({ hasHealth: false });
    await server.start();
    const client = connect();
    expect(await ask(grpc(client))).toMatchObject({ errorType: "UNIMPLEMENTED", fault: "persistent" });
    expect(await ask(grpc(client, { unimplemented: "pass" }))).toMatchObject({ status: "pass" });
  });
});
