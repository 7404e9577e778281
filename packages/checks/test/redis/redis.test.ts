import { EventEmitter, errorMonitor } from "node:events";
import { type RedisClient, type RedisOptions, redis } from "@otel-health/checks/redis";
import { isHealthError } from "@otel-health/core";
import { FakeClock, settle } from "@otel-health/core/testing";
import { Cluster, Redis } from "ioredis";
import { createClient, createClientPool, createCluster, createSentinel } from "redis";
import { describe, expect, it } from "vitest";
import { complaint, outcomeOf, Running } from "../running.ts";

type Answer = (command: readonly string[], signal?: AbortSignal) => unknown;

const info = (fields: Readonly<Record<string, string | number>> = {}): string =>
  [
    "# Server",
    ...Object.entries({ redis_mode: "standalone", role: "master", ...fields }).map((pair) => pair.join(":")),
    "",
  ].join("\r\n");
const cluster = (fields: Readonly<Record<string, string | number>> = {}): string =>
  Object.entries({ cluster_state: "ok", cluster_slots_assigned: 16_384, ...fields })
    .map((pair) => pair.join(":"))
    .join("\r\n");

/** A server that is well, unless the test says otherwise of a command. */
const well =
  (more: Readonly<Record<string, unknown>> = {}): Answer =>
  ([name = "", part]) => {
    const key = [name, name === "client" || name === "cluster" ? part : undefined]
      .filter(Boolean)
      .join(" ")
      .toLowerCase();
    const answers: Readonly<Record<string, unknown>> = {
      ping: "PONG",
      info: info(),
      "cluster info": cluster(),
      ...more,
    };
    const answer = answers[key];
    if (answer instanceof Error) throw answer;
    return answer;
  };

class ScriptedIoredis extends EventEmitter {
  status = "ready";
  options: { readonly db?: number } = {};
  stream: unknown = {};
  isCluster = false;
  readonly commands: string[] = [];
  answer: Answer;

  constructor(answer: Answer = well()) {
    super();
    this.answer = answer;
    this.on("error", () => {});
  }
  async call(...command: string[]): Promise<unknown> {
    this.commands.push(command.join(" "));
    return this.answer(command);
  }
  duplicate(): void {}
  disconnect(): void {}
}

class ScriptedNodeRedis extends EventEmitter {
  isOpen = true;
  isReady = true;
  readonly signals: (AbortSignal | undefined)[] = [];
  answer: Answer;

  constructor(answer: Answer = well()) {
    super();
    this.answer = answer;
    this.on("error", () => {});
  }
  async sendCommand(command: readonly string[], options?: { readonly abortSignal?: AbortSignal }): Promise<unknown> {
    this.signals.push(options?.abortSignal);
    return this.answer(command, options?.abortSignal);
  }
  duplicate(): void {}
}

const silence = () => new Promise<never>(() => {});
const of = (scripted: object) => scripted as RedisClient;
const error = (message: string) => Object.assign(new Error(message), { name: "ReplyError" });
const judged = (fields: Readonly<Record<string, string | number>>, options?: RedisOptions) =>
  outcomeOf(redis(of(new ScriptedIoredis(well({ info: info(fields) }))), options));

describe("redis()", () => {
  it("asks PING and INFO at once, and nothing else", async () => {
    const client = new ScriptedIoredis();
    expect(await outcomeOf(redis(of(client)))).toBeUndefined();
    expect(client.commands).toEqual(["ping", "info"]);
  });

  it("asks PING alone where nothing that INFO tells is wanted", async () => {
    const client = new ScriptedIoredis();
    expect(await outcomeOf(redis(of(client), { role: "any", warnMemoryRatio: false }))).toBeUndefined();
    expect(client.commands).toEqual(["ping"]);
    await outcomeOf(redis(of(client), { role: "any", warnMemoryRatio: false, maxLinkDownMs: 0 }));
    expect(client.commands).toEqual(["ping", "ping", "info"]);
  });

  it("is a dependency's check, with a hint for silence", () => {
    expect(redis(of(new ScriptedIoredis()))).toMatchObject({ external: true, hint: expect.stringContaining("server") });
  });

  it.each<[string, Readonly<Record<string, string | number>>, RedisOptions, object | undefined]>([
    ["a primary", {}, {}, undefined],
    ["a replica in place of the primary", { role: "slave" }, {}, { status: "fail", errorType: "not_primary" }],
    [
      "a replica whose link is up",
      { role: "slave", master_link_status: "up" },
      { role: "replica", maxLinkDownMs: 0 },
      undefined,
    ],
    ["a replica, where any will do", { role: "slave", master_link_status: "up" }, { role: "any" }, undefined],
    ["a primary in place of a replica", {}, { role: "replica" }, { status: "warn" }],
    [
      "a replica whose link is down",
      { role: "slave", master_link_status: "down", master_link_down_since_seconds: 3_600 },
      { role: "any" },
      { status: "warn", message: expect.stringContaining("for 3600 s") },
    ],
    [
      "a replica whose link has not been down for long",
      { role: "slave", master_link_status: "down", master_link_down_since_seconds: 5 },
      { role: "replica", maxLinkDownMs: 5_000 },
      { status: "warn" },
    ],
    [
      "a replica whose link has been down for long",
      { role: "slave", master_link_status: "down", master_link_down_since_seconds: 6 },
      { role: "replica", maxLinkDownMs: 5_000 },
      { status: "fail", errorType: "replica_link_down" },
    ],
    [
      "a replica that never had a link",
      { role: "slave", master_link_status: "down", master_link_down_since_seconds: -1, master_sync_in_progress: 1 },
      { role: "replica", maxLinkDownMs: 5_000 },
      { status: "fail", message: expect.stringContaining("it is being copied") },
    ],
    [
      "a server that loads",
      { loading: 1, loading_eta_seconds: 7 },
      {},
      { status: "fail", errorType: "LOADING", message: expect.stringContaining("7 s") },
    ],
    [
      "a sentinel",
      { redis_mode: "sentinel" },
      { role: "any" },
      { status: "fail", errorType: "sentinel", fault: "persistent" },
    ],
    ["less memory than the ratio", { maxmemory: 100, used_memory: 89, maxmemory_policy: "noeviction" }, {}, undefined],
    [
      "memory at the ratio",
      { maxmemory: 100, used_memory: 90, maxmemory_policy: "noeviction" },
      {},
      { status: "warn" },
    ],
    [
      "exactly all memory used",
      { maxmemory: 100, used_memory: 100, maxmemory_policy: "noeviction" },
      {},
      { status: "warn" },
    ],
    [
      "memory at a ratio of one's own",
      { maxmemory: 100, used_memory: 51, maxmemory_policy: "noeviction" },
      { warnMemoryRatio: 0.5 },
      { status: "warn" },
    ],
    [
      "all memory used",
      { maxmemory: 100, used_memory: 101, maxmemory_policy: "noeviction" },
      {},
      { status: "fail", errorType: "OOM" },
    ],
    [
      "all memory used, by what is not counted",
      { maxmemory: 100, used_memory: 120, mem_not_counted_for_evict: 40, maxmemory_policy: "noeviction" },
      {},
      undefined,
    ],
    [
      "all memory used, where nobody looks",
      { maxmemory: 100, used_memory: 101, maxmemory_policy: "noeviction" },
      { warnMemoryRatio: false },
      undefined,
    ],
    [
      "all memory used, where nobody has to write",
      { maxmemory: 100, used_memory: 101, maxmemory_policy: "noeviction" },
      { role: "any" },
      { status: "warn" },
    ],
    [
      "all memory used by a cache",
      { maxmemory: 100, used_memory: 101, maxmemory_policy: "allkeys-lru" },
      {},
      undefined,
    ],
    ["no limit of memory", { maxmemory: 0, used_memory: 101, maxmemory_policy: "noeviction" }, {}, undefined],
    [
      "what is no server's answer",
      { role: "cat" },
      {},
      { status: "fail", message: "the server's answer is not what Redis would answer" },
    ],
  ])("judges %s", async (_what, fields, options, expected) => {
    const outcome = await judged(fields, options);
    if (expected === undefined) expect(outcome).toBeUndefined();
    else expect(outcome).toMatchObject(expected);
    if (outcome?.errorType !== undefined && outcome.errorType !== "Error") expect(outcome.hint).toBeTypeOf("string");
  });

  it.each<[string, Readonly<Record<string, string | number>>, object | undefined]>([
    ["one that is well", {}, undefined],
    [
      "one that is down",
      { cluster_state: "fail", cluster_slots_fail: 100 },
      { status: "fail", errorType: "CLUSTERDOWN", message: expect.stringContaining("100 of") },
    ],
    [
      "slots that nobody has",
      { cluster_slots_assigned: 16_000 },
      { status: "warn", message: expect.stringContaining("384 of") },
    ],
    [
      "slots whose node is down",
      { cluster_slots_fail: 5 },
      { status: "warn", message: expect.stringContaining("5 of") },
    ],
    [
      "slots whose node may be down",
      { cluster_slots_pfail: 9 },
      { status: "warn", message: expect.stringContaining("cannot reach") },
    ],
    ["what is no cluster's answer", { cluster_state: undefined as unknown as string }, { status: "fail" }],
  ])("judges a cluster: %s", async (_what, fields, expected) => {
    const answer = fields["cluster_state"] === undefined && "cluster_state" in fields ? "cat" : cluster(fields);
    const client = Object.assign(new ScriptedIoredis(well({ "cluster info": answer })), { isCluster: true });
    const outcome = await outcomeOf(redis(of(client)));
    expect(client.commands).toEqual(["cluster INFO"]);
    if (expected === undefined) expect(outcome).toBeUndefined();
    else expect(outcome).toMatchObject(expected);
  });

  it.each<[string, string, string]>([
    ["LOADING Redis is loading the dataset in memory", "LOADING", "transient"],
    ["BUSY Redis is busy running a script.", "BUSY", "transient"],
    ["MASTERDOWN Link with MASTER is down", "MASTERDOWN", "transient"],
    ["MISCONF Redis is configured to save RDB snapshots", "MISCONF", "transient"],
    ["OOM command not allowed when used memory > 'maxmemory'.", "OOM", "transient"],
    ["READONLY You can't write against a read only replica.", "READONLY", "transient"],
    ["CLUSTERDOWN The cluster is down", "CLUSTERDOWN", "transient"],
    ["ERR max number of clients reached", "max_clients", "transient"],
    ["NOAUTH Authentication required.", "NOAUTH", "fatal"],
    ["WRONGPASS invalid username-password pair", "WRONGPASS", "fatal"],
    ["ERR AUTH <password> called without any password configured for the default user.", "WRONGPASS", "fatal"],
    ["NOPERM User app has no permissions to run the 'ping' command", "NOPERM", "fatal"],
    ["DENIED Redis is running in protected mode", "DENIED", "fatal"],
    ["ERR DB index is out of range", "wrong_database", "fatal"],
    ["ERR This instance has cluster support disabled", "no_cluster", "persistent"],
    ["Connection is closed.", "client_closed", "persistent"],
    ["The client is closed", "client_closed", "persistent"],
    ["Socket closed unexpectedly", "not_connected", "transient"],
    ["Reached the max retries per request limit (which is 0).", "not_connected", "transient"],
    ["Command timed out", "command_timeout", "transient"],
    ["Connection in subscriber mode, only subscriber commands may be used", "subscriber", "persistent"],
    ["NOPROTO sorry, this protocol version is not supported", "NOPROTO", "persistent"],
    ["ERR unknown command 'HELLO'", "unknown_command", "persistent"],
  ])("sorts: %s", async (message, errorType, fault) => {
    const outcome = await outcomeOf(redis(of(new ScriptedIoredis(well({ ping: error(message) })))));
    expect({ fault: "transient", ...outcome }).toMatchObject({
      status: "fail",
      errorType,
      fault,
      hint: expect.any(String),
    });
  });

  it.each<[string, string, string]>([
    [
      "ERR unknown command `HELLO`, with args beginning with: `3`, `AUTH`, `app`, `hunter2`, ",
      "the server does not know the command HELLO",
      "RESP: 2",
    ],
    [
      "ERR unknown command 'auth', with args beginning with: 'app' 'hunter2' ",
      "the server does not know the command auth",
      "rename-command",
    ],
    ["ERR unknown subcommand 'hunter2'. Try CLIENT HELP.", "the server does not know a command", "rename-command"],
    ["ERR unknown command", "the server does not know a command", "rename-command"],
  ])("shows no argument of a command that the server repeats: %s", async (message, expected, hint) => {
    const wrapped = new Error(`Master Client (localhost:6379): ${message}`, { cause: error(message) });
    for (const thrown of [error(message), wrapped]) {
      const outcome = await outcomeOf(redis(of(new ScriptedNodeRedis(well({ ping: thrown })))));
      expect(outcome).toMatchObject({ message: expected, hint: expect.stringContaining(hint) });
      expect(JSON.stringify(outcome)).not.toContain("hunter2");
    }
  });

  it("looks at the error of the node that a cluster or a sentinel wraps", async () => {
    const noauth = error("NOAUTH Authentication required.");
    const lastNodeError = Object.assign(new Error("Failed to refresh slots cache."), { lastNodeError: noauth });
    const client = Object.assign(new ScriptedIoredis(well({ "cluster info": lastNodeError })), { isCluster: true });
    expect(await outcomeOf(redis(of(client)))).toMatchObject({ errorType: "NOAUTH", fault: "fatal" });
    const cause = new Error("Master Client (localhost:6379): WRONGPASS", { cause: error("WRONGPASS invalid") });
    expect(await outcomeOf(redis(of(new ScriptedIoredis(well({ ping: cause })))))).toMatchObject({
      errorType: "WRONGPASS",
    });
  });

  it.each<[string, Answer]>([
    ["nothing", () => undefined],
    ["numbers", () => 7],
    ["buffers", () => Buffer.from("PONG")],
    ["an empty INFO", well({ info: "" })],
    ["null for INFO", well({ info: null })],
    ["a PING that says something else", well({ ping: "PANG" })],
    [
      "undefined, thrown",
      () => {
        throw undefined;
      },
    ],
    [
      "an error that throws when it is read",
      () => {
        throw Object.defineProperty(new Error(), "message", {
          get() {
            throw new Error("no");
          },
        });
      },
    ],
  ])("fails for an answer that is no server's: %s", async (_what, answer) => {
    expect(await outcomeOf(redis(of(new ScriptedIoredis(answer))))).toMatchObject({ status: "fail" });
    expect(await outcomeOf(redis(of(new ScriptedNodeRedis(answer))))).toMatchObject({ status: "fail" });
  });

  describe("with a database other than 0", () => {
    const inDatabase = (own: unknown) =>
      Object.assign(new ScriptedIoredis(well({ "client info": own })), { options: { db: 5 } });

    it("asks which one the connection is in", async () => {
      const client = inDatabase("id=3 addr=127.0.0.1:1 db=5 sub=0");
      expect(await outcomeOf(redis(of(client)))).toBeUndefined();
      expect(client.commands).toEqual(["ping", "info", "client INFO"]);
      expect(await outcomeOf(redis(of(inDatabase("id=3 db=0 sub=0"))))).toMatchObject({
        errorType: "wrong_database",
        fault: "fatal",
      });
      expect(await outcomeOf(redis(of(inDatabase("cat"))))).toMatchObject({ status: "fail" });
    });

    it("does without the answer where the server is too old, and not where it is forbidden", async () => {
      expect(
        await outcomeOf(
          redis(of(inDatabase(error("ERR Unknown subcommand or wrong number of arguments for 'INFO'.")))),
        ),
      ).toBeUndefined();
      expect(await outcomeOf(redis(of(inDatabase(error("NOPERM no permissions to run 'client|info'")))))).toMatchObject(
        { errorType: "NOPERM" },
      );
    });

    it("goes by the one that the application selected last", async () => {
      const client = Object.assign(inDatabase("id=3 db=2 sub=0"), { condition: { select: 2 } });
      expect(await outcomeOf(redis(of(client)))).toBeUndefined();
    });
  });

  describe("while the client has no connection", () => {
    it("asks nothing, and says at the end what the client heard", async () => {
      const client = Object.assign(new ScriptedIoredis(), { status: "reconnecting" });
      const run = new Running(redis(of(client)));
      await run.clock.advance(1_000);
      client.emit("error", Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:6379"), { code: "ECONNREFUSED" }));
      await run.clock.advance(600);
      expect(await run.outcome).toMatchObject({
        status: "fail",
        errorType: "ECONNREFUSED",
        hint: expect.stringContaining("listens"),
      });
      expect(client.commands).toEqual([]);
      expect(run.clock.armed).toBe(0);
    });

    it("says no more than it knows where the client told nothing", async () => {
      const client = Object.assign(new ScriptedNodeRedis(), { isReady: false });
      const run = new Running(redis(of(client)));
      await run.clock.advance(1_600);
      expect(await run.outcome).toMatchObject({
        errorType: "not_connected",
        hint: expect.stringContaining("connecting again"),
      });
    });

    it("remembers the reason until it passes", async () => {
      const client = Object.assign(new ScriptedIoredis(), { status: "reconnecting" });
      const check = redis(of(client));
      const clock = new FakeClock();
      const failing = async () => {
        const run = new Running(check, clock);
        await clock.advance(1_600);
        return (await run.outcome)?.errorType;
      };
      const first = new Running(check, clock);
      client.emit("error", error("WRONGPASS invalid username-password pair"));
      await clock.advance(1_600);
      expect((await first.outcome)?.errorType).toBe("WRONGPASS");
      expect(await failing()).toBe("WRONGPASS");
      client.status = "ready";
      expect(await outcomeOf(check, clock)).toBeUndefined();
      client.status = "reconnecting";
      expect(await failing()).toBe("not_connected");
    });

    it("asks as soon as there is one", async () => {
      const client = Object.assign(new ScriptedIoredis(), { status: "connecting" });
      const run = new Running(redis(of(client)));
      await run.clock.advance(500);
      client.status = "ready";
      await run.clock.advance(25);
      expect(await run.outcome).toBeUndefined();
      expect(run.clock.armed).toBe(0);
    });

    it("says why a connection was lost under a question", async () => {
      const client = new ScriptedIoredis(silence);
      const run = new Running(redis(of(client)));
      await settle();
      client.status = "reconnecting";
      client.emit("error", Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" }));
      await run.clock.advance(1_600);
      expect(await run.outcome).toMatchObject({ errorType: "ECONNRESET" });
    });

    it("prefers what the client heard to a driver's word for having given up", async () => {
      const client = new ScriptedIoredis(async () => {
        client.emit("error", Object.assign(new Error("connect ETIMEDOUT"), { code: "ETIMEDOUT" }));
        throw error("Reached the max retries per request limit (which is 0). Refer to the documentation");
      });
      expect(await outcomeOf(redis(of(client)))).toMatchObject({ errorType: "ETIMEDOUT" });
    });

    it("takes no listener's place, and listens nowhere where nobody handles errors", async () => {
      const client = Object.assign(new ScriptedIoredis(silence), { status: "connecting" });
      const run = new Running(redis(of(client)));
      expect(client.listenerCount("error")).toBe(1);
      expect(client.listenerCount(errorMonitor)).toBe(1);
      run.abort();
      await run.outcome;
      expect(client.eventNames()).toEqual(["error"]);
      expect(run.clock.armed).toBe(0);
      client.removeAllListeners();
      const unheard = new Running(redis(of(client)));
      expect(client.eventNames()).toEqual([]);
      unheard.abort();
      await unheard.outcome;
    });
  });

  describe("while ioredis waits for the server to be ready", () => {
    it("asks whether the server loads", async () => {
      const client = Object.assign(new ScriptedIoredis(well({ info: info({ loading: 1, loading_eta_seconds: 3 }) })), {
        status: "connect",
      });
      expect(await outcomeOf(redis(of(client)))).toMatchObject({ errorType: "LOADING" });
      expect(client.commands).toEqual(["info"]);
    });

    it("does not pass before the client is ready", async () => {
      const client = Object.assign(new ScriptedIoredis(), { status: "connect" });
      const run = new Running(redis(of(client)));
      await run.clock.advance(1_000);
      expect(client.commands).toEqual(["info"]);
      client.status = "ready";
      await run.clock.advance(25);
      expect(await run.outcome).toBeUndefined();
      expect(client.commands).toEqual(["info", "ping", "info"]);
    });
  });

  it("settles when its signal fires, and leaves no more than three questions with a server that is silent", async () => {
    const client = new ScriptedIoredis(silence);
    const check = redis(of(client), { role: "any", warnMemoryRatio: false });
    const clock = new FakeClock();
    for (let i = 0; i < 10; i++) {
      const run = new Running(check, clock);
      await settle();
      run.abort();
      expect(await run.outcome).toMatchObject({ status: "fail", errorType: "timeout" });
    }
    expect(client.commands).toHaveLength(3);
    expect(clock.armed).toBe(0);
  });

  it("gives up questions that were lost with their connection", async () => {
    const client = new ScriptedIoredis(silence);
    const check = redis(of(client), { role: "any", warnMemoryRatio: false });
    for (let i = 0; i < 3; i++) {
      const run = new Running(check);
      await settle();
      run.abort();
      await run.outcome;
    }
    client.stream = {};
    client.answer = well();
    expect(await outcomeOf(check)).toBeUndefined();
  });

  it("does not take an answer that came too late for a later one", async () => {
    const answers: ((answer: unknown) => void)[] = [];
    const client = new ScriptedIoredis(() => new Promise((resolve) => answers.push(resolve)));
    const check = redis(of(client), { role: "any", warnMemoryRatio: false });
    const clock = new FakeClock();
    const late = new Running(check, clock);
    await clock.advance(2_000);
    late.abort();
    await late.outcome;
    await clock.advance(500);
    const next = new Running(check, clock);
    await settle();
    answers[0]?.("PONG");
    await settle();
    let settled = false;
    void next.outcome.then(() => {
      settled = true;
    });
    await settle();
    expect(settled).toBe(false);
    answers[1]?.("PONG");
    expect(await next.outcome).toBeUndefined();
  });

  it("takes back what redis has not sent yet", async () => {
    const client = new ScriptedNodeRedis(silence);
    const run = new Running(redis(of(client)));
    await settle();
    expect(client.signals.map((signal) => signal?.aborted)).toEqual([false, false]);
    run.abort();
    await run.outcome;
    expect(client.signals.map((signal) => signal?.aborted)).toEqual([true, true]);
  });

  it("says that a client was closed", async () => {
    const expected = { status: "fail", errorType: "client_closed", fault: "persistent", hint: expect.any(String) };
    const client = new ScriptedIoredis();
    const check = redis(of(client));
    client.status = "end";
    expect(await outcomeOf(check)).toMatchObject(expected);
    expect(
      await outcomeOf(redis(of(Object.assign(new ScriptedNodeRedis(), { isOpen: false, isReady: false })))),
    ).toMatchObject(expected);
  });

  it("takes the clients of both drivers", () => {
    const clients = [
      new Redis({ lazyConnect: true }),
      new Cluster([{ host: "127.0.0.1", port: 1 }], { lazyConnect: true }),
      createClient(),
      createCluster({ rootNodes: [] }),
      createSentinel({ name: "it", sentinelRootNodes: [{ host: "127.0.0.1", port: 1 }] }),
    ];
    for (const client of clients) expect(redis(client)).toMatchObject({ external: true });
    for (const client of clients.slice(0, 2)) (client as Redis).disconnect();
  });

  it.each<[string, unknown, string]>([
    ["undefined", undefined, "got undefined; create the client before the check"],
    ["an address", "redis://localhost", 'got "redis://localhost"'],
    ["the class", Redis, "got a function"],
    ["a pool of redis", createClientPool(), "got an instance of"],
    ["an emitter", new EventEmitter(), "got an instance of EventEmitter"],
    ["one that is closed", Object.assign(new ScriptedIoredis(), { status: "end" }), "closed already"],
  ])("refuses %s", (_what, client, expected) => {
    const message = complaint(() => redis(client as RedisClient));
    expect(message).toContain("client of redis()");
    expect(message).toContain(expected);
  });

  it.each<[object, string]>([
    [{ role: "master" }, "role of redis()"],
    [{ warnMemoryRatio: 0 }, "warnMemoryRatio of redis()"],
    [{ warnMemoryRatio: 90 }, "warnMemoryRatio of redis()"],
    [{ warnMemoryRatio: true }, "warnMemoryRatio of redis()"],
    [{ maxLinkDownMs: -1 }, "maxLinkDownMs of redis()"],
    [{ maxLagMs: 5 }, "maxLagMs"],
    [{ intervalMs: 0 }, "intervalMs"],
  ])("refuses the options %j", (options, expected) => {
    const call = () => redis(of(new ScriptedIoredis()), options as RedisOptions);
    expect(complaint(call)).toContain(expected);
    expect(call).toThrow(expect.toSatisfy(isHealthError));
  });

  it.each([{ role: "any" }, { warnMemoryRatio: 0.5 }, { maxLinkDownMs: 5 }] as const)(
    "refuses %j for a cluster",
    (options) => {
      const client = Object.assign(new ScriptedIoredis(), { isCluster: true });
      expect(complaint(() => redis(of(client), options))).toContain("left out for a cluster");
    },
  );
});
