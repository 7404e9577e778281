import type { ServerResponse } from "node:http";
import { FakeClock, settle } from "@otel-health/core/testing";
import { createHealth, lastAnswers } from "@otel-health/http";
import { RawConnection } from "@otel-health/testkit";
import { describe, expect, it, onTestFinished } from "vitest";
import { served } from "./served.ts";

const get = "GET /orders HTTP/1.1\r\nHost: a\r\n\r\n";

/** A server whose answers are the test's to give. */
async function serving() {
  const health = createHealth({ clock: new FakeClock() });
  onTestFinished(() => health.stop());
  const asked = Promise.withResolvers<ServerResponse>();
  let leave: () => Promise<void> = async () => {};
  const server = await served(
    (request, response) => (request.url === "/orders" ? asked.resolve(response) : response.end()),
    (made) => {
      leave = lastAnswers(made, health);
    },
  );
  onTestFinished(() => server[Symbol.asyncDispose]());
  return { health, port: server.port, leave, asked: asked.promise };
}

async function connectionOf(port: number): Promise<string | undefined> {
  using connection = new RawConnection(port);
  const { headers } = await connection.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").response();
  return headers.find(([name]) => name === "Connection")?.[1];
}

async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  void promise.finally(() => {
    settled = true;
  });
  for (let turns = 0; turns < 20; turns++) await settle();
  return settled;
}

describe("lastAnswers", () => {
  it("makes each answer the last of its connection from the drain on", async () => {
    const { health, port } = await serving();
    expect(await connectionOf(port)).toBe("keep-alive");
    void health.drain({ delayMs: 5_000 });
    expect(await connectionOf(port)).toBe("close");
  });

  it("does so whatever the phase once it is told to, and closes nothing itself", async () => {
    const { port, leave } = await serving();
    await leave();
    expect(await connectionOf(port)).toBe("close");
    expect(await connectionOf(port)).toBe("close");
  });

  it("makes an answer under way the last of its connection, and resolves when that is sent", async () => {
    const { port, leave, asked } = await serving();
    using connection = new RawConnection(port);
    connection.send(get);
    const response = await asked;
    const left = leave();
    expect(await isSettled(left)).toBe(false);
    response.end("tea");
    const { headers, body } = await connection.response();
    expect(body).toBe("tea");
    expect(headers).toContainEqual(["Connection", "close"]);
    await Promise.all([left, connection.closed]);
  });

  it("waits no longer for a client that has given up", async () => {
    const { port, leave, asked } = await serving();
    using connection = new RawConnection(port);
    connection.send(get);
    await asked;
    const left = leave();
    connection.abort();
    await left;
  });
});
