import { FakeClock, settle } from "@otel-health/core/testing";
import { createHealth, listenHealth } from "@otel-health/http";
import { RawConnection } from "@otel-health/testkit";
import { describe, expect, it } from "vitest";

/** Well below the fifteen seconds after which Node lets go of an idle connection by itself. */
const soon = { timeout: 10_000 };

const probe = "GET /livez HTTP/1.1\r\nHost: a\r\n\r\n";

/** A server on a clock that stands still, so that nothing is cut unless the test says so. */
async function listening({ closeWithinMs = 1_000 } = {}) {
  const clock = new FakeClock();
  const health = createHealth();
  const server = await listenHealth(health, { host: "127.0.0.1", clock, closeWithinMs });
  return { clock, server, port: server.port };
}

/** A connection that has had an answer and has sent the first part of another request, which the server has read. */
async function inFlight(port: number, part: string): Promise<RawConnection> {
  const connection = new RawConnection(port);
  await connection.send(probe).response();
  connection.send(part);
  // What is sent after it, on another connection, is read after it.
  using other = new RawConnection(port);
  await other.send(probe).response();
  return connection;
}

/** Whether the promise has settled, once all that is ready to run has run. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  void promise.finally(() => {
    settled = true;
  });
  for (let turns = 0; turns < 20; turns++) await settle();
  return settled;
}

describe("close() of listenHealth", () => {
  it("takes no more connections", async () => {
    const { server, port } = await listening();
    await server.close();
    using late = new RawConnection(port);
    await expect(late.send(probe).response()).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  it("lets go of idle connections at once", soon, async () => {
    const { server, port, clock } = await listening();
    using idle = new RawConnection(port);
    await idle.send(probe).response();
    await server.close();
    await idle.closed;
    expect(clock.armed).toBe(0);
  });

  it("answers a request in flight, as the last of its connection, and waits for no more", soon, async () => {
    const { server, port, clock } = await listening();
    using connection = await inFlight(port, probe.slice(0, -2));
    const closed = server.close();
    expect(await isSettled(closed)).toBe(false);
    const { status, headers } = await connection.send("\r\n").response();
    expect(status).toBe(200);
    expect(headers).toContainEqual(["Connection", "close"]);
    await Promise.all([closed, connection.closed]);
    expect(clock.armed).toBe(0);
  });

  it.each([
    ["half a request", probe.slice(0, -2)],
    ["half a body", "POST /livez HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf"],
  ])("cuts %s when its time is up, not sooner", async (_what, part) => {
    const { server, port, clock } = await listening({ closeWithinMs: 250 });
    using connection = await inFlight(port, part);
    const closed = server.close();
    await clock.advance(249);
    expect(await isSettled(closed)).toBe(false);
    await clock.advance(1);
    await Promise.all([closed, connection.closed]);
  });

  it("cuts connections that never sent anything", async () => {
    const { server, port, clock } = await listening();
    using connection = await inFlight(port, "");
    using silent = new RawConnection(port);
    await silent.connected();
    const closed = server.close();
    await clock.advance(1_000);
    await Promise.all([closed, silent.closed, connection.closed]);
  });

  it("may be called again, and at the end of a scope", async () => {
    const { server, port } = await listening();
    {
      await using scoped = server;
      expect(scoped.close()).toBe(scoped.close());
    }
    await server.close();
    using late = new RawConnection(port);
    await expect(late.send(probe).response()).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  it("waits for no clock where it is told to cut at once", async () => {
    const { server, port, clock } = await listening({ closeWithinMs: 0 });
    using connection = await inFlight(port, "GET");
    const closed = server.close();
    await clock.advance(0);
    await Promise.all([closed, connection.closed]);
  });
});
