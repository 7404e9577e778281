import type { RequestListener, Server, ServerResponse } from "node:http";
import { FakeClock, settle } from "@otel-health/core/testing";
import { createHealth, gracefulClose } from "@otel-health/http";
import { RawConnection } from "@otel-health/testkit";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Served, served } from "./served.ts";

/** Well below the five seconds after which Node lets go of an idle connection by itself. */
const soon = { timeout: 4_000 };

const get = "GET /orders HTTP/1.1\r\nHost: a\r\n\r\n";

/** A server whose answers are the test's to give, on a clock that stands still. */
async function serving(listener: RequestListener = () => {}, withinMs = 1_000) {
  const clock = new FakeClock();
  const health = createHealth({ clock: new FakeClock() });
  await health.start();
  onTestFinished(() => health.stop());
  const asked: ServerResponse[] = [];
  let waiting: (() => void) | undefined;
  let close: () => Promise<void> = async () => {};
  const { server, port }: Served = await served(
    (request, response) => {
      asked.push(response);
      waiting?.();
      listener(request, response);
    },
    (made) => {
      close = gracefulClose(made, health, { withinMs, clock });
    },
  );
  onTestFinished(() => server.closeAllConnections());
  const requests = async (count: number) => {
    while (asked.length < count)
      await new Promise<void>((resolve) => {
        waiting = resolve;
      });
    return asked;
  };
  return { clock, health, server, port, close, requests };
}

async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  void promise.finally(() => {
    settled = true;
  });
  for (let turns = 0; turns < 20; turns++) await settle();
  return settled;
}

const connectionOf = ({ headers }: { readonly headers: readonly (readonly [string, string])[] }) =>
  headers.find(([name]) => name === "Connection")?.[1];

describe("gracefulClose", () => {
  it("keeps connections while nothing ends, and makes each answer the last of its connection from the drain on", async () => {
    const { health, port, close } = await serving((_request, response) => void response.end("tea"));
    using first = new RawConnection(port);
    expect(connectionOf(await first.send(get).response())).toBe("keep-alive");
    expect(connectionOf(await first.send(get).response())).toBe("keep-alive");
    void health.drain({ delayMs: 5_000 });
    const last = await first.send(get).response();
    expect({ status: last.status, connection: connectionOf(last) }).toEqual({ status: 200, connection: "close" });
    await first.closed;
    using late = new RawConnection(port);
    expect((await late.send(get).response()).status).toBe(200);
    await close();
  });

  it("takes no more connections and lets go of idle ones at once", soon, async () => {
    const { port, close, clock } = await serving((_request, response) => void response.end("tea"));
    using idle = new RawConnection(port);
    await idle.send(get).response();
    await close();
    await idle.closed;
    using late = new RawConnection(port);
    await expect(late.send(get).response()).rejects.toMatchObject({ code: "ECONNREFUSED" });
    expect(clock.armed).toBe(0);
  });

  it("waits for a request in flight and tells its client that the connection ends", soon, async () => {
    const { port, close, requests, clock } = await serving();
    using connection = new RawConnection(port);
    connection.send(get);
    const [response] = await requests(1);
    const closed = close();
    expect(await isSettled(closed)).toBe(false);
    response?.end("tea");
    const answer = await connection.response();
    expect({ status: answer.status, body: answer.body, connection: connectionOf(answer) }).toEqual({
      status: 200,
      body: "tea",
      connection: "close",
    });
    await Promise.all([closed, connection.closed]);
    expect(clock.armed).toBe(0);
  });

  it("waits for an answer that is half written, and then for nothing more", soon, async () => {
    const { port, close, requests } = await serving();
    using connection = new RawConnection(port);
    connection.send(get);
    const [response] = await requests(1);
    response?.writeHead(200, { "Content-Length": 6 }).write("tea");
    const closed = close();
    expect(await isSettled(closed)).toBe(false);
    response?.end("tea");
    expect((await connection.response()).body).toBe("teatea");
    await Promise.all([closed, connection.closed]);
  });

  it("cuts what is not done when its time is up, not sooner", async () => {
    const { port, close, requests, clock } = await serving(undefined, 250);
    using connection = new RawConnection(port);
    connection.send(get);
    await requests(1);
    const closed = close();
    await clock.advance(249);
    expect(await isSettled(closed)).toBe(false);
    await clock.advance(1);
    await Promise.all([closed, connection.closed]);
  });

  it("waits for no socket that was upgraded beyond its time", async () => {
    const { server, port, close, clock } = await serving();
    const { promise: upgraded, resolve } = Promise.withResolvers<void>();
    server.on("upgrade", (_request, socket) => {
      socket.on("error", () => {});
      onTestFinished(() => void socket.destroy());
      resolve();
    });
    using connection = new RawConnection(port);
    connection.send("GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: chat\r\n\r\n");
    await upgraded;
    const closed = close();
    await clock.advance(999);
    expect(await isSettled(closed)).toBe(false);
    await clock.advance(1);
    await closed;
  });

  it("may be called again, and for a server that never listened", async () => {
    const { close } = await serving();
    expect(close()).toBe(close());
    await close();
    const { server } = await served();
    await new Promise((resolve) => server.close(resolve));
    await gracefulClose(server, createHealth())();
  });

  it("forgets the requests that are done", async () => {
    const { port, requests } = await serving((_request, response) => void response.end("tea"));
    using connection = new RawConnection(port);
    await connection.send(get).response();
    const [response] = await requests(1);
    // Ours is gone with the answer; an answer that was kept would be told to close its connection.
    expect(response?.listenerCount("close")).toBe(0);
  });

  it.each<[what: string, server: unknown, health: unknown, options: unknown, message: RegExp]>([
    ["no server", undefined, createHealth(), {}, /^server of gracefulClose\(\) must be .* got undefined$/],
    ["a port", 8080, createHealth(), {}, /^server of gracefulClose\(\) must be .* got 8080$/],
    ["no health object", "server", {}, {}, /^health of gracefulClose\(\) must be a health object, got an object$/],
    [
      "a time that is none",
      "server",
      createHealth(),
      { withinMs: -1 },
      /^withinMs of .* from 0 to 2147483647, got -1$/,
    ],
    [
      "no clock",
      "server",
      createHealth(),
      { clock: {} },
      /^clock of gracefulClose\(\) must be a Clock, got an object$/,
    ],
    ["an unknown option", "server", createHealth(), { withnMs: 1 }, /^option withnMs of .* one of clock and withinMs/],
  ])("refuses %s", async (_what, server, health, options, message) => {
    const some = await served();
    await using _ = some;
    expect(() =>
      gracefulClose((server === "server" ? some.server : server) as Server, health as never, options as never),
    ).toThrow(message);
  });
});
