import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { type FaultMode, freePort, startFaultProxy, until } from "@otel-health/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openClient, startEchoServer } from "./echo-server.ts";

const slowMs = 60;
let echo: Awaited<ReturnType<typeof startEchoServer>>;
let proxy: Awaited<ReturnType<typeof startFaultProxy>>;

beforeEach(async () => {
  echo = await startEchoServer();
  proxy = await startFaultProxy({ target: echo.target, slowMs });
});
afterEach(async () => {
  await proxy.close();
  await echo[Symbol.asyncDispose]();
});

/** A client that has had one answer through the proxy. */
async function establish() {
  const client = openClient(proxy.port);
  client.socket.write("hi");
  await client.receives(2);
  return client;
}

/** Gives a byte that was let through by mistake ample occasion to arrive: whole exchanges that pass the proxy by. */
async function exchangeDirectly(times = 20) {
  using direct = openClient(echo.target.port);
  for (let length = 1; length <= times; length += 1) {
    direct.socket.write("_");
    await direct.receives(length);
  }
}

const untilConnections = (count: number) =>
  until(() => proxy.connections === count && echo.connections === count, {
    describe: () => `${count} connections, not ${proxy.connections} and ${echo.connections} at the target`,
  });

describe("startFaultProxy, mode pass", () => {
  it("forwards both ways and counts what is open and what was accepted", async () => {
    expect(proxy).toMatchObject({ mode: "pass", connections: 0, accepted: 0 });
    const first = await establish();
    using _second = await establish();
    expect(proxy).toMatchObject({ connections: 2, accepted: 2 });
    first.socket.end();
    expect(await first.closed).toBeUndefined();
    await untilConnections(1);
    expect(proxy.accepted).toBe(2);
  });

  it("delivers a megabyte unchanged, and the end after the last byte", async () => {
    const sent = Buffer.alloc(1 << 20, "0123456789abcdef").toString();
    const client = openClient(proxy.port);
    client.socket.end(sent);
    expect(await client.closed).toBeUndefined();
    expect(client.received === sent).toBe(true);
  });

  it("resets a client whose target does not listen", async () => {
    await using orphan = await startFaultProxy({ target: { host: "127.0.0.1", port: await freePort() } });
    expect(await openClient(orphan.port).closed).toBe("ECONNRESET");
    expect(orphan.accepted).toBe(1);
  });
});

describe("startFaultProxy, mode refuse", () => {
  it("resets what is open, refuses what is new, and listens on the same port afterwards", async () => {
    const { port } = proxy;
    const open = await establish();
    await proxy.setMode("refuse");
    expect(proxy.connections).toBe(0);
    expect(await open.closed).toBe("ECONNRESET");
    expect(await openClient(port).closed).toBe("ECONNREFUSED");

    await proxy.setMode("pass");
    expect(proxy.port).toBe(port);
    (await establish()).socket.destroy();
    expect(proxy.accepted).toBe(2);
  });
});

describe("startFaultProxy, close", () => {
  it("resolves although the end of a connection is on its way out", async () => {
    const target = createServer((socket) => void socket.end("bye").on("error", () => {})).listen(0, "127.0.0.1");
    await once(target, "listening");
    const { port } = target.address() as AddressInfo;
    await using ending = await startFaultProxy({ target: { host: "127.0.0.1", port } });
    await ending.setMode("hang");
    using client = openClient(ending.port);
    await client.connected();
    await exchangeDirectly();
    // What the target has sent goes out now, its end included; a tick later the socket has begun to shut down.
    await ending.setMode("pass");
    await new Promise<void>((resolve) => process.nextTick(resolve));
    await ending.close();
    expect(ending.connections).toBe(0);
    await new Promise((resolve) => target.close(resolve));
  });
});

describe("startFaultProxy, mode hang", () => {
  it("holds the bytes of open and of new connections, and delivers them in order afterwards", async () => {
    using open = await establish();
    await proxy.setMode("hang");
    using late = openClient(proxy.port);
    await late.connected();
    open.socket.write("A");
    late.socket.write("B");
    await until(() => proxy.connections === 2, { describe: "the second connection" });
    await exchangeDirectly();
    expect(open.received).toBe("hi");
    expect(late.received).toBe("");
    expect(echo.received).not.toMatch(/[AB]/);

    open.socket.write("C");
    await proxy.setMode("pass");
    expect(await open.receives(4)).toBe("hiAC");
    expect(await late.receives(1)).toBe("B");
  });

  it("holds an answer that was on its way", async () => {
    await proxy.setMode("slow");
    using client = openClient(proxy.port);
    client.socket.write("A");
    await until(() => echo.received.includes("A"), { describe: "the request at the target", everyMs: 1 });
    await proxy.setMode("hang");
    await exchangeDirectly();
    expect(client.received).toBe("");
    await proxy.setMode("pass");
    expect(await client.receives(1)).toBe("A");
  });

  it("does not count a client that gave up, however it left", async () => {
    const polite = await establish();
    const abrupt = await establish();
    await proxy.setMode("hang");
    polite.socket.destroy();
    abrupt.socket.resetAndDestroy();
    await untilConnections(0);
  });
});

describe("startFaultProxy, mode slow", () => {
  it("delays each direction, in order", async () => {
    using client = await establish();
    await proxy.setMode("slow");
    const startedAt = performance.now();
    for (const letter of "abcdef") client.socket.write(letter);
    expect(await client.receives(8)).toBe("hiabcdef");
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(2 * slowMs);
  });
});

describe("startFaultProxy, mode reset", () => {
  it("resets what is open at once, and what is new at its first bytes", async () => {
    const open = await establish();
    await proxy.setMode("reset");
    expect(await open.closed).toBe("ECONNRESET");

    const late = openClient(proxy.port);
    await late.connected();
    await until(() => proxy.connections === 1, { describe: "the new connection" });
    expect(late.socket.readyState).toBe("open");
    late.socket.write("A");
    expect(await late.closed).toBe("ECONNRESET");
    expect(echo.received).not.toContain("A");
  });
});

describe("startFaultProxy, any mode", () => {
  it("keeps the order of the bytes while modes change under way", async () => {
    using client = await establish();
    const modes: FaultMode[] = ["slow", "hang", "pass", "slow", "pass", "hang", "slow", "hang"];
    let sent = "hi";
    for (let turn = 0; turn < 64; turn += 1) {
      const piece = `<${turn}>`;
      sent += piece;
      client.socket.write(piece);
      await proxy.setMode(modes[turn % modes.length] ?? "pass");
      if (turn % 3 === 0) await exchangeDirectly(1);
    }
    await proxy.setMode("pass");
    expect(await client.receives(sent.length)).toBe(sent);
  });

  it.each<FaultMode>(["pass", "refuse", "hang", "slow", "reset"])(
    "leaves nothing open when closed in mode %s",
    async (mode) => {
      const client = await establish();
      await proxy.setMode(mode);
      if (mode !== "refuse") await openClient(proxy.port).connected();
      client.socket.write("A");
      await proxy.close();
      expect(proxy.connections).toBe(0);
      expect(await client.closed).toBe("ECONNRESET");
      expect(await openClient(proxy.port).closed).toBe("ECONNREFUSED");
      await untilConnections(0);
    },
  );

  it("applies overlapping mode changes one after the other", async () => {
    await Promise.all([proxy.setMode("refuse"), proxy.setMode("pass"), proxy.setMode("refuse")]);
    expect(proxy.mode).toBe("refuse");
    expect(await openClient(proxy.port).closed).toBe("ECONNREFUSED");
    await Promise.all([proxy.setMode("hang"), proxy.setMode("refuse"), proxy.setMode("pass")]);
    (await establish()).socket.destroy();
  });
});

describe("startFaultProxy, mode cut", () => {
  it("ends the next answer of each connection in the middle, by RST", async () => {
    const client = await establish();
    await proxy.setMode("cut");
    expect(proxy.connections).toBe(1);
    client.socket.write("0123456789");
    expect(await client.closed).toBe("ECONNRESET");
    expect(client.received).toBe("hi01234");
    const late = openClient(proxy.port);
    late.socket.write("abcd");
    expect(await late.closed).toBe("ECONNRESET");
    expect(late.received).toBe("ab");
    await untilConnections(0);
  });
});

describe("startFaultProxy, mode half-open", () => {
  it("loses what is sent, and resets those that lost some when it ends", async () => {
    const client = await establish();
    await proxy.setMode("half-open");
    client.socket.write("lost");
    using late = openClient(proxy.port);
    late.socket.write("lost too");
    await until(() => proxy.connections === 2, { describe: "both are open" });
    await exchangeDirectly();
    expect([client.received, late.received]).toEqual(["hi", ""]);
    await proxy.setMode("pass");
    expect(await client.closed).toBe("ECONNRESET");
    expect(await late.closed).toBe("ECONNRESET");
    const fresh = await establish();
    expect(fresh.received).toBe("hi");
  });

  it("resets one that lost nothing at its next bytes", async () => {
    const client = await establish();
    await proxy.setMode("half-open");
    await proxy.setMode("pass");
    expect(proxy.connections).toBe(1);
    client.socket.write("?");
    expect(await client.closed).toBe("ECONNRESET");
    expect(client.received).toBe("hi");
  });
});
