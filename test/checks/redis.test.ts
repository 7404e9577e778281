import { mkdir, rm } from "node:fs/promises";
import { type RedisClient, type RedisOptions, redis } from "@otel-health/checks/redis";
import { type FunctionCheck, systemClock } from "@otel-health/core";
import { until } from "@otel-health/testkit";
import { Cluster, Redis } from "ioredis";
import { createClient, createCluster, createSentinel, RESP_TYPES } from "redis";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type RedisServer, redisPrograms, startRedis, startReplica } from "../servers/redis.ts";
import { type RedisCluster, startRedisCluster } from "../servers/redis-cluster.ts";
import { type RedisSentinel, startSentinel } from "../servers/redis-sentinel.ts";
import { missing } from "../servers/require-server.ts";

const ask = (check: FunctionCheck, timeoutMs = 2_000) =>
  check.run({ signal: AbortSignal.timeout(timeoutMs), clock: systemClock, timeoutMs });

/** Asks until an answer comes that says so. */
const becomes = (check: FunctionCheck, expected: string | undefined, timeoutMs = 20_000) =>
  until(
    async () => {
      const outcome = (await ask(check, 500)) ?? undefined;
      return (outcome?.errorType ?? outcome?.status) === expected && { outcome };
    },
    { describe: `becomes ${expected ?? "well"}`, timeoutMs },
  ).then(({ outcome }) => outcome);

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

function ioredis({ port }: { readonly port: number }, options: object = {}): Redis {
  const client = new Redis({ host: "127.0.0.1", port, retryStrategy: () => 50, ...options });
  client.on("error", () => {});
  closing.push(() => client.disconnect());
  return client;
}

function nodeRedis({ port }: { readonly port: number }, options: object = {}) {
  const client = createClient({ socket: { host: "127.0.0.1", port, reconnectStrategy: 50 }, ...options });
  client.on("error", () => {});
  client.connect().catch(() => {});
  closing.push(() => client.destroy());
  return client;
}

/** As a binary cache would have it: every text that `redis` reads. */
const asBuffers = {
  typeMapping: {
    [RESP_TYPES.SIMPLE_STRING]: Buffer,
    [RESP_TYPES.BLOB_STRING]: Buffer,
    [RESP_TYPES.VERBATIM_STRING]: Buffer,
  },
};

/** Options that both drivers spell alike, and those of one. */
const drivers = [
  ["ioredis", (server: RedisServer, options: object = {}): RedisClient => ioredis(server, options)],
  ["redis", (server: RedisServer, options: object = {}): RedisClient => nodeRedis(server, options)],
] as const;

describe.skipIf(missing(...redisPrograms)).each(drivers)("redis() on a real server, with %s", (_driver, connect) => {
  let primary: RedisServer;
  let replica: RedisServer;
  beforeAll(async () => {
    primary = await startRedis();
    replica = await startReplica(primary);
  });
  afterAll(async () => {
    await replica?.[Symbol.asyncDispose]();
    await primary?.[Symbol.asyncDispose]();
  });

  it("tells a primary from a replica", async () => {
    const outcomes = (server: RedisServer, ...roles: readonly NonNullable<RedisOptions["role"]>[]) =>
      Promise.all(roles.map((role) => ask(redis(connect(server), { role }))));
    const wrong = expect.objectContaining({ status: "fail", errorType: "not_primary", fault: undefined });
    expect(await outcomes(primary, "primary", "any", "replica")).toEqual([
      undefined,
      undefined,
      expect.objectContaining({ status: "warn" }),
    ]);
    const [asPrimary, ...others] = await outcomes(replica, "primary", "any", "replica");
    expect({ fault: undefined, ...asPrimary }).toEqual(wrong);
    expect(others).toEqual([undefined, undefined]);
  });

  it("changes nothing on the server, and leaves nothing on the client", async () => {
    const client = connect(primary);
    const check = redis(client);
    await ask(check);
    const emitter = client as unknown as NodeJS.EventEmitter;
    const listeners = () => emitter.eventNames().map((name) => [name, emitter.listenerCount(name)]);
    const before = listeners();
    const connections = await primary.call("CLIENT", "LIST");
    for (let run = 0; run < 5; run++) expect(await ask(check)).toBeUndefined();
    expect(listeners()).toEqual(before);
    expect(String(await primary.call("CLIENT", "LIST")).split("\n")).toHaveLength(
      String(connections).split("\n").length,
    );
    expect(await primary.call("DBSIZE")).toBe(0);
  });

  it("warns of a replica that has lost its primary, and fails once that has lasted too long", async () => {
    const patient = redis(connect(replica), { role: "replica" });
    const strict = redis(connect(replica), { role: "replica", maxLinkDownMs: 0 });
    expect([await ask(patient), await ask(strict)]).toEqual([undefined, undefined]);
    await replica.call("REPLICAOF", "127.0.0.1", "1");
    expect(await becomes(patient, "warn")).toMatchObject({
      message: expect.stringContaining("no link to its primary"),
    });
    expect(await becomes(strict, "replica_link_down")).toMatchObject({
      status: "fail",
      hint: expect.stringContaining("masterauth"),
    });
    await replica.call("REPLICAOF", "127.0.0.1", String(primary.port));
    await becomes(strict, undefined);
  });

  it("warns while memory runs out where nothing is evicted, and fails when it has", async () => {
    const check = redis(connect(primary));
    const used = Number(/used_memory:(\d+)/.exec(String(await primary.call("INFO", "memory")))?.[1]);
    const limit = (bytes: number) => primary.call("CONFIG", "SET", "maxmemory", String(Math.round(bytes)));
    await limit(used * 1.05);
    expect(await ask(check)).toMatchObject({
      status: "warn",
      message: expect.stringContaining("memory is running out"),
    });
    expect(await ask(redis(connect(primary), { warnMemoryRatio: false }))).toBeUndefined();
    await limit(used * 0.9);
    await expect(primary.call("SET", "key", "value")).rejects.toThrow("OOM");
    expect(await ask(check)).toMatchObject({ status: "fail", errorType: "OOM" });
    expect(await ask(redis(connect(primary), { role: "any" }))).toMatchObject({ status: "warn" });
    await primary.call("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
    expect(await ask(check)).toBeUndefined();
    await primary.call("CONFIG", "SET", "maxmemory-policy", "noeviction");
    await limit(0);
    expect(await ask(check)).toBeUndefined();
  });

  it("fails where the server could not save, and so refuses writes", async () => {
    const check = redis(connect(primary));
    await primary.call("CONFIG", "SET", "save", "3600 1");
    await primary.call("CONFIG", "SET", "rdbcompression", "no");
    // A snapshot cannot replace a folder.
    await rm(`${primary.folder.path}/dump.rdb`, { force: true });
    await mkdir(`${primary.folder.path}/dump.rdb/taken`, { recursive: true });
    await primary.call("BGSAVE").catch(() => {});
    expect(await becomes(check, "MISCONF")).toMatchObject({
      status: "fail",
      hint: expect.stringContaining("refuses writes"),
    });
    await primary.call("CONFIG", "SET", "save", "");
    await becomes(check, undefined);
    await rm(`${primary.folder.path}/dump.rdb`, { recursive: true });
  });

  it("says which permission is missing, and needs none but PING where nothing else is asked", async () => {
    await primary.call("ACL", "SETUSER", "poor", "on", ">right", "-@all", "+ping", "+hello", "+auth");
    const account = { username: "poor", password: "right" };
    // With its own check of readiness ioredis does not even start without INFO.
    const client = connect(primary, { ...account, enableReadyCheck: false });
    expect(await becomes(redis(client), "NOPERM")).toMatchObject({
      fault: "fatal",
      hint: expect.stringContaining("+info"),
    });
    expect(await ask(redis(client, { role: "any", warnMemoryRatio: false }))).toBeUndefined();
  });

  it("says that a password is wrong, and is well when it is right again", async () => {
    await primary.call("ACL", "SETUSER", "app", "on", ">right", "+@all");
    const check = redis(connect(primary, { username: "app", password: "right" }));
    expect(await ask(check)).toBeUndefined();
    await primary.call("ACL", "SETUSER", "app", "resetpass", ">rotated");
    // Those that are logged in stay so.
    expect(await ask(check)).toBeUndefined();
    await primary.call("CLIENT", "KILL", "USER", "app");
    expect(await becomes(check, "WRONGPASS")).toMatchObject({ fault: "fatal" });
    await primary.call("ACL", "SETUSER", "app", "resetpass", ">right");
    await becomes(check, undefined);
  });

  it("says that a password is needed", async () => {
    await using locked = await startRedis(["--requirepass", "secret"]);
    expect(await becomes(redis(connect(locked)), "NOAUTH")).toMatchObject({ fault: "fatal" });
  });

  it("says that the server loads, and is well when it has", async () => {
    // One key takes it 20 ms, and it answers in between.
    const slowly = ["--key-load-delay", "20000", "--loading-process-events-interval-bytes", "1024"];
    await using server = await startRedis([...slowly, "--rdbcompression", "no"]);
    const filled = ioredis(server).pipeline();
    for (let key = 0; key < 100; key++) filled.set(`key ${key}`, "x".repeat(1_000));
    await filled.exec();
    await server.call("SAVE");
    const check = redis(connect(server));
    expect(await ask(check)).toBeUndefined();
    await server.stop();
    await server.start();
    expect(await becomes(check, "LOADING")).toMatchObject({
      status: "fail",
      hint: expect.stringContaining("reads its data"),
    });
    await becomes(check, undefined);
  });

  it("says that a script blocks the server", async () => {
    await using server = await startRedis(["--busy-reply-threshold", "50"]);
    const check = redis(connect(server));
    expect(await ask(check)).toBeUndefined();
    const script = server.call("EVAL", "while true do end", "0").catch(() => {});
    expect(await becomes(check, "BUSY")).toMatchObject({ hint: expect.stringContaining("SCRIPT KILL") });
    await server.call("SCRIPT", "KILL");
    await script;
    await becomes(check, undefined);
  });

  it("passes as soon as a server that was away is back, and piles nothing up meanwhile", async () => {
    await using server = await startRedis();
    const client = connect(server);
    const check = redis(client);
    expect(await ask(check)).toBeUndefined();
    await server.stop();
    for (let run = 0; run < 10; run++) expect(await ask(check, 200)).toMatchObject({ status: "fail" });
    expect(await ask(check, 200)).toMatchObject({ errorType: "ECONNREFUSED" });
    const { offlineQueue } = client as { readonly offlineQueue?: { readonly length: number } };
    expect(offlineQueue?.length ?? 0).toBe(0);
    await server.start();
    await becomes(check, undefined);
  });

  it("says that the client is closed", async () => {
    const client = connect(primary);
    const check = redis(client);
    expect(await ask(check)).toBeUndefined();
    await (client as Redis).quit();
    expect(await becomes(check, "client_closed")).toMatchObject({ fault: "persistent" });
  });
});

describe.skipIf(missing(...redisPrograms))("redis() on a real server", () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  it("sees that ioredis went on with another database than it was given", async () => {
    expect(await ask(redis(ioredis(server, { db: 3 })))).toBeUndefined();
    const client = ioredis(server, { db: 99 });
    expect(await ask(redis(client))).toMatchObject({
      errorType: "wrong_database",
      fault: "fatal",
      message: expect.stringContaining("in database 0, not 99"),
    });
    // It is told by the server, and it is the database of the moment that counts.
    await client.select(2);
    expect(await ask(redis(client))).toBeUndefined();
  });

  it("says that redis was given a database that there is not", async () => {
    expect(await ask(redis(nodeRedis(server, { database: 3 })))).toBeUndefined();
    expect(await becomes(redis(nodeRedis(server, { database: 99 })), "wrong_database")).toMatchObject({
      fault: "fatal",
    });
  });

  it("does not tell the password that redis greets a server with which knows no HELLO", async () => {
    // As a Redis before 6 answers, or a proxy: the arguments are repeated.
    await using older = await startRedis(["--rename-command", "HELLO", ""]);
    const account = { username: "app", password: "hunter2" };
    const outcome = await becomes(redis(nodeRedis(older, account)), "unknown_command");
    expect(outcome).toMatchObject({ fault: "persistent", hint: expect.stringContaining("RESP: 2") });
    expect(JSON.stringify(outcome)).not.toContain("hunter2");
    // Which is the mend.
    await older.call("ACL", "SETUSER", "app", "on", ">hunter2", "+@all");
    expect(await ask(redis(nodeRedis(older, { ...account, RESP: 2 })))).toBeUndefined();
    // ioredis greets once more without it.
    expect(await ask(redis(ioredis(older, account)))).toBeUndefined();
  });

  it.each([2, 3] as const)("reads answers as text where redis is told to give buffers, with RESP %i", async (RESP) => {
    const client = nodeRedis(server, { RESP, commandOptions: asBuffers });
    expect(await ask(redis(client))).toBeUndefined();
    expect(await client.sendCommand(["INFO"])).toBeInstanceOf(Buffer);
  });

  it.each([{ stringNumbers: true }, { protocol: 3, replyMapping: "resp3", stringNumbers: true }, { protocol: 2 }])(
    "reads answers of an ioredis with %j",
    async (options) => {
      expect(await ask(redis(ioredis(server, { ...options, db: 3 })))).toBeUndefined();
    },
  );

  it("connects a lazy ioredis with its question, and refuses a closed one", async () => {
    const client = ioredis(server, { lazyConnect: true });
    expect(await ask(redis(client))).toBeUndefined();
    client.disconnect();
    await until(() => client.status === "end", { describe: "closed" });
    expect(() => redis(client)).toThrow("closed already");
  });

  it("waits for a client of redis that is connected later", async () => {
    const client = createClient({ socket: { host: "127.0.0.1", port: server.port } });
    client.on("error", () => {});
    const check = redis(client);
    expect(await ask(check)).toMatchObject({
      status: "fail",
      errorType: "client_closed",
      hint: expect.stringContaining("connect()"),
    });
    await client.connect();
    closing.push(() => client.destroy());
    expect(await ask(check)).toBeUndefined();
  });

  it("counts the reply of an ioredis that subscribes, if nothing more is asked", async () => {
    const client = ioredis(server, { protocol: 2 });
    await client.subscribe("news");
    expect(await ask(redis(client, { role: "any", warnMemoryRatio: false }))).toBeUndefined();
    expect(await ask(redis(client))).toMatchObject({ errorType: "subscriber", fault: "persistent" });
  });
});

describe.skipIf(missing(...redisPrograms))("redis() on a real cluster", () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await startRedisCluster();
  });
  afterAll(() => cluster?.[Symbol.asyncDispose]());

  function clients(): readonly RedisClient[] {
    const roots = cluster.nodes.map(({ port }) => ({ host: "127.0.0.1", port }));
    const one = new Cluster(roots, { clusterRetryStrategy: () => 50 });
    one.on("error", () => {});
    const other = createCluster({ rootNodes: roots.map((socket) => ({ socket })), commandOptions: asBuffers });
    other.on("error", () => {});
    other.connect().catch(() => {});
    closing.push(
      () => one.disconnect(),
      () => other.destroy(),
    );
    return [one, other];
  }

  it("passes, warns while slots are not served, and fails when the cluster is down", async () => {
    const checks = clients().map((client) => redis(client));
    for (const check of checks) await becomes(check, undefined);
    const [first] = cluster.nodes as [RedisServer];
    const everywhere = (...command: [string, ...string[]]) =>
      Promise.all(cluster.nodes.map((node) => node.call(...command)));
    await everywhere("CONFIG", "SET", "cluster-require-full-coverage", "no");
    await everywhere("CLUSTER", "DELSLOTS", "7");
    for (const check of checks)
      expect(await becomes(check, "warn")).toMatchObject({
        message: expect.stringMatching(/^1 of the cluster's 16384 slots/),
      });
    // It is decided anew when a slot changes hands.
    await everywhere("CONFIG", "SET", "cluster-require-full-coverage", "yes");
    await everywhere("CLUSTER", "DELSLOTS", "8");
    for (const check of checks) expect(await becomes(check, "CLUSTERDOWN")).toMatchObject({ status: "fail" });
    await first.call("CLUSTER", "ADDSLOTS", "7", "8");
    for (const check of checks) await becomes(check, undefined);
  });

  it("fails when a primary without a replica is gone", async () => {
    const checks = clients().map((client) => redis(client));
    for (const check of checks) await becomes(check, undefined);
    const [, , last] = cluster.nodes as [RedisServer, RedisServer, RedisServer];
    await last.stop();
    for (const check of checks) await becomes(check, "CLUSTERDOWN");
    await last.start();
    for (const check of checks) await becomes(check, undefined);
  });

  it("says that a server is no node of a cluster", async () => {
    await using server = await startRedis();
    const client = new Cluster([{ host: "127.0.0.1", port: server.port }], { clusterRetryStrategy: () => 50 });
    client.on("error", () => {});
    closing.push(() => client.disconnect());
    expect(await becomes(redis(client), "no_cluster")).toMatchObject({ fault: "persistent" });
  });
});

describe.skipIf(missing(...redisPrograms))("redis() through a sentinel", () => {
  let primary: RedisServer;
  let replica: RedisServer;
  let sentinel: RedisSentinel;
  beforeAll(async () => {
    primary = await startRedis();
    replica = await startReplica(primary);
    sentinel = await startSentinel(primary);
  });
  afterAll(async () => {
    for (const server of [sentinel, replica, primary]) await server?.[Symbol.asyncDispose]();
  });

  it("follows a failover, and says so of a client that talks to the sentinel itself", async () => {
    const { port } = sentinel;
    const one = new Redis({ sentinels: [{ host: "127.0.0.1", port }], name: "it", sentinelRetryStrategy: () => 50 });
    one.on("error", () => {});
    const other = createSentinel({
      name: "it",
      sentinelRootNodes: [{ host: "127.0.0.1", port }],
      commandOptions: asBuffers,
    });
    other.on("error", () => {});
    other.connect().catch(() => {});
    closing.push(
      () => one.disconnect(),
      () => other.destroy(),
    );
    const checks = [one, other].map((client) => redis(client));
    for (const check of checks) await becomes(check, undefined);
    expect(await ask(redis(ioredis({ port })))).toMatchObject({ errorType: "sentinel", fault: "persistent" });
    await until(() => sentinel.output.includes("+slave"), {
      describe: "the sentinel knows the replica",
      timeoutMs: 20_000,
    });
    await primary.stop();
    for (const check of checks) expect(await ask(check, 500)).toMatchObject({ status: "fail" });
    for (const check of checks) await becomes(check, undefined, 30_000);
    expect(String(await replica.call("ROLE"))).toContain("master");
  }, 60_000);
});
