import { tcp } from "@otel-health/checks/tcp";
import { type FunctionCheck, systemClock } from "@otel-health/core";
import { freePort, startFaultProxy, until } from "@otel-health/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type PingServer, startPingServer } from "../servers/ping.ts";

const ask = (check: FunctionCheck, signal: AbortSignal = new AbortController().signal) =>
  check.run({ signal, clock: systemClock, timeoutMs: 2_000 });

describe("tcp() on a real server", () => {
  let server: PingServer;
  const at = () => ({ host: "127.0.0.1", port: server.port });

  beforeAll(async () => {
    server = await startPingServer();
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  it("is content with a connection, and leaves none behind", async () => {
    await using proxy = await startFaultProxy({ target: at() });
    expect(await ask(tcp({ host: "localhost", port: proxy.port }))).toBeUndefined();
    expect(proxy.accepted).toBe(1);
    await until(() => proxy.connections === 0, { describe: "it is closed" });
  });

  it("asks, and judges the answer", async () => {
    expect(await ask(tcp(at(), { send: "PING\n", expect: "+PONG" }))).toBeUndefined();
    expect(await ask(tcp(at(), { send: Buffer.from("PING\n"), expect: /pong\r\n$/i }))).toBeUndefined();
    expect(await ask(tcp(at(), { send: "PING\n", expect: "-ERR" }))).toMatchObject({ errorType: "unexpected_answer" });
    expect(await ask(tcp(at(), { send: "PING\n", expect: /pang/i }))).toMatchObject({ errorType: "closed" });
  });

  it("ends with the run, and closes the connection", async () => {
    await using proxy = await startFaultProxy({ target: at() });
    const controller = new AbortController();
    const running = ask(tcp({ host: "127.0.0.1", port: proxy.port }, { expect: "a banner" }), controller.signal);
    await until(() => proxy.connections === 1, { describe: "it is open" });
    controller.abort(new Error("time is up"));
    expect(await running).toMatchObject({ status: "fail", message: "time is up" });
    await until(() => proxy.connections === 0, { describe: "it is closed" });
  });

  it("says why there is no connection", async () => {
    const outcome = await ask(tcp({ host: "127.0.0.1", port: await freePort() }));
    expect(outcome).toMatchObject({ status: "fail", errorType: "ECONNREFUSED", hint: expect.any(String) });
  });
});
