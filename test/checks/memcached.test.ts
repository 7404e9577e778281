import { connect, type Socket } from "node:net";
import { memcached } from "@otel-health/checks/memcached";
import { type FunctionCheck, systemClock } from "@otel-health/core";
import { until } from "@otel-health/testkit";
import { Client } from "memjs";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Memcached, memcachedPrograms, startMemcached } from "../servers/memcached.ts";
import { missing } from "../servers/require-server.ts";

const ask = async (check: FunctionCheck, timeoutMs = 2_000) =>
  (await check.run({ signal: AbortSignal.timeout(timeoutMs), clock: systemClock, timeoutMs })) ?? undefined;
const becomes = (check: FunctionCheck, status: string | undefined) =>
  until(async () => (await ask(check))?.status === status, {
    describe: `becomes ${status ?? "well"}`,
    timeoutMs: 20_000,
  });

describe.skipIf(missing(...memcachedPrograms))("memcached() on real servers", () => {
  let one: Memcached;
  let two: Memcached;
  const closing: (() => unknown)[] = [];
  beforeAll(async () => {
    [one, two] = await Promise.all([startMemcached(), startMemcached()]);
  });
  afterAll(async () => {
    for (const server of [one, two]) await server?.[Symbol.asyncDispose]();
  });
  afterEach(() => {
    for (const close of closing.splice(0)) close();
  });

  function clientOf(servers: readonly Memcached[], options: object = {}): Client {
    const addresses = servers.map(({ port }) => `127.0.0.1:${port}`).join(",");
    const client = Client.create(addresses, { logger: { log() {} }, ...options });
    closing.push(() => client.close());
    return client;
  }

  it("tells one server that is gone from all of them, also where the client hides it", async () => {
    for (const failover of [false, true]) {
      const client = clientOf([one, two], { failover, retries: 1 });
      const check = memcached(client);
      expect(await ask(check)).toBeUndefined();
      await two.stop();
      await becomes(check, "warn");
      if (failover) await expect(client.get("any")).resolves.toBeDefined();
      await one.stop();
      await becomes(check, "fail");
      await Promise.all([one.start(), two.start()]);
      await becomes(check, undefined);
    }
  });

  it("tells one server that hangs, before the client's own timeout and after it", async () => {
    for (const timeout of [10, 0.1]) {
      const check = memcached(clientOf([one, two], { timeout }));
      expect(await ask(check)).toBeUndefined();
      two.pause();
      expect(await ask(check, 500)).toMatchObject({ status: "warn", message: "1 of 2 servers do not answer" });
      two.resume();
      await becomes(check, undefined);
    }
  });

  it("warns of a server that refuses connections", async () => {
    await using small = await startMemcached(["-c", "40"]);
    const check = memcached(clientOf([small]));
    expect(await ask(check)).toBeUndefined();
    const sockets: Socket[] = [];
    closing.push(() => sockets.map((socket) => socket.destroy()));
    for (let i = 0; i < 70; i++) sockets.push(connect(small.port, "127.0.0.1").on("error", () => {}));
    await becomes(check, "warn");
    for (const socket of sockets) socket.destroy();
    await becomes(check, undefined);
  });

  it("says that the server wants a user that it knows", async () => {
    await using locked = await startMemcached(["-S"]);
    expect(await ask(memcached(clientOf([locked])))).toMatchObject({ errorType: "authentication", fault: "fatal" });
    const check = memcached(clientOf([locked], { username: "app", password: "wrong" }));
    expect(await ask(check)).toMatchObject({ errorType: "authentication", fault: "fatal" });
  });

  it("changes nothing", async () => {
    const client = clientOf([one]);
    await client.set("key", "value", {});
    const stats = () =>
      new Promise<Record<string, string>>((resolve, reject) =>
        client.stats((error, _server, found) => (error === null && found !== null ? resolve(found) : reject(error))),
      );
    const kept = ({ curr_items, cmd_set, cmd_get, get_misses, curr_connections }: Record<string, string>) => ({
      curr_items,
      cmd_set,
      cmd_get,
      get_misses,
      curr_connections,
    });
    const before = kept(await stats());
    const check = memcached(client);
    for (let run = 0; run < 3; run++) await ask(check);
    expect(kept(await stats())).toEqual(before);
  });
});
