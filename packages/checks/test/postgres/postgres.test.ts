import { type PgQuery, type PostgresClient, type PostgresOptions, postgres } from "@otel-health/checks/postgres";
import { isHealthError } from "@otel-health/core";
import { FakeClock, settle } from "@otel-health/core/testing";
import { MongoClient } from "mongodb";
import { Client, Pool } from "pg";
import { afterEach, describe, expect, it, vi } from "vitest";
import { complaint, outcomeOf, Running } from "../running.ts";

const primary = ["false", "off"];
const standby = ["true", "on"];

/** A pool of `pg` with one connection, whose answers are the test's. */
function scripted(query: (query: PgQuery) => Promise<{ rows: unknown[] }>) {
  const connection = { query: vi.fn(query), release: vi.fn(), on: vi.fn(), removeListener: vi.fn() };
  const pool = {
    totalCount: 1,
    idleCount: 1,
    waitingCount: 0,
    ending: false,
    options: { max: 10 },
    query: vi.fn(),
    connect: vi.fn(async () => connection),
  };
  return { pool, connection, client: pool as unknown as PostgresClient };
}

const answering = (row: unknown) => scripted(async () => ({ rows: [row] }));
const outcome = (row: unknown, options?: PostgresOptions) => outcomeOf(postgres(answering(row).client, options));

describe("postgres()", () => {
  it("asks once, through a connection that it gives back", async () => {
    const { client, connection } = answering(primary);
    expect(await outcomeOf(postgres(client))).toBeUndefined();
    expect(connection.query).toHaveBeenCalledOnce();
    expect(connection.query.mock.calls[0]?.[0].text).toMatch(/^SELECT pg_is_in_recovery\(\)::text/);
    expect(connection.release).toHaveBeenCalledExactlyOnceWith(false);
    // The listener that keeps the loss of a lent connection from ending the process is taken off again.
    expect(connection.on.mock.calls).toEqual(connection.removeListener.mock.calls);
  });

  it("closes a connection that does not answer in time", async () => {
    const { client, connection } = scripted(() => new Promise(() => {}));
    const run = new Running(postgres(client));
    await settle();
    run.abort();
    expect(await run.outcome).toMatchObject({ status: "fail", errorType: "timeout" });
    expect(connection.release).toHaveBeenCalledExactlyOnceWith(true);
  });

  it("is a dependency's check, with a hint for silence", () => {
    expect(postgres(answering(primary).client)).toMatchObject({
      external: true,
      hint: expect.stringContaining("the server"),
    });
    expect(postgres(answering(primary).client, { hint: "call Ann", intervalMs: 5_000 })).toMatchObject({
      hint: "call Ann",
      intervalMs: 5_000,
    });
  });

  it.each<[string, PostgresOptions, readonly string[], object | undefined]>([
    ["a primary", {}, primary, undefined],
    ["a standby where a primary is wanted", {}, standby, { status: "fail", errorType: "not_primary" }],
    ["a primary that takes no writes", {}, ["false", "on"], { status: "fail", errorType: "read_only" }],
    ["a standby where one is wanted", { role: "standby" }, standby, undefined],
    ["a primary where a standby is wanted", { role: "standby" }, primary, { status: "warn" }],
    ["whatever, where any is wanted", { role: "any" }, standby, undefined],
    ["read-only transactions, where any is wanted", { role: "any" }, ["false", "on"], undefined],
  ])("judges %s", async (_, options, row, expected) => {
    const said = await outcome(row, options);
    if (expected === undefined) expect(said).toBeUndefined();
    else expect(said).toMatchObject(expected);
  });

  it.each<[string, readonly (string | null)[], object | undefined]>([
    ["nothing", ["true", "0"], undefined],
    ["the bound", ["true", "1000"], undefined],
    [
      "more, while it receives",
      ["true", "1000.6"],
      { status: "fail", errorType: "replication_lag", message: "the standby is 1001 ms behind, more than 1000 ms" },
    ],
    [
      "more, with nothing received",
      ["false", "90000"],
      { message: "the standby is 90000 ms behind, more than 1000 ms, and nothing is received from the primary" },
    ],
    ["an unknown lag", ["true", null], { status: "warn" }],
    ["less than nothing, for clocks differ", ["true", "-20"], undefined],
  ])("bounds the lag of a standby: %s", async (_, row, expected) => {
    const said = await outcome([...standby, ...row], { role: "standby", maxLagMs: 1_000 });
    if (expected === undefined) expect(said).toBeUndefined();
    else expect(said).toMatchObject(expected);
  });

  it("asks for the lag only where it is bounded", async () => {
    const bounded = answering([...standby, "true", "0"]);
    await outcomeOf(postgres(bounded.client, { role: "standby", maxLagMs: 1_000 }));
    expect(bounded.connection.query.mock.calls[0]?.[0].text).toContain("pg_stat_wal_receiver");
    const unbounded = answering(standby);
    await outcomeOf(postgres(unbounded.client, { role: "standby" }));
    expect(unbounded.connection.query.mock.calls[0]?.[0].text).not.toContain("pg_stat_wal_receiver");
  });

  it.each([[undefined], [null], [{}], [[]], [["f", "off"]], [["false"]], [[null, null]], ["garbage"]])(
    "takes no answer for a good one that is none: %j",
    async (row) => {
      expect(await outcome(row)).toMatchObject({ status: "fail", message: expect.stringContaining("answer") });
    },
  );

  it.each<[string, Error, object]>([
    ["28P01", Object.assign(new Error("password authentication failed"), { code: "28P01" }), { fault: "fatal" }],
    ["3D000", Object.assign(new Error("no database"), { code: "3D000" }), { fault: "fatal" }],
    [
      "53300",
      Object.assign(new Error("too many clients"), { code: "53300" }),
      { hint: expect.stringContaining("max_connections") },
    ],
    ["53100", Object.assign(new Error("disk full"), { code: "53100" }), { hint: expect.stringContaining("disk") }],
    [
      "57P03",
      Object.assign(new Error("starting up"), { code: "57P03" }),
      { hint: expect.stringContaining("starting") },
    ],
    ["connection_terminated", new Error("Connection terminated unexpectedly"), {}],
    ["connect_timeout", new Error("timeout exceeded when trying to connect"), {}],
    [
      "client_unusable",
      new Error("Client has encountered a connection error and is not queryable"),
      { fault: "persistent" },
    ],
    ["client_closed", new Error("Cannot use a pool after calling end on the pool"), { fault: "persistent" }],
    [
      "authentication",
      new Error("SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string"),
      { fault: "fatal" },
    ],
    ["CONNECT_TIMEOUT", Object.assign(new Error("write CONNECT_TIMEOUT"), { code: "CONNECT_TIMEOUT" }), {}],
    [
      "ECONNREFUSED",
      Object.assign(new Error("refused"), { code: "ECONNREFUSED" }),
      { hint: expect.stringContaining("listens") },
    ],
  ])("sorts an error: %s", async (errorType, error, expected) => {
    const { client } = scripted(() => Promise.reject(error));
    expect(await outcomeOf(postgres(client))).toMatchObject({
      status: "fail",
      errorType,
      hint: expect.any(String),
      ...expected,
    });
  });

  it.each([
    ["full", 2, { status: "warn", message: expect.stringContaining("the pool lent no connection: all 2 are in use") }],
    ["not full", 1, { status: "fail", errorType: "connect_timeout" }],
  ])("a pool that gives up in its queue, and is %s", async (_, totalCount, expected) => {
    const { pool } = answering(primary);
    const busy = { ...pool, totalCount: 0, idleCount: 0, options: { max: 2 } };
    const check = postgres(busy as unknown as PostgresClient);
    expect(await outcomeOf(check)).toBeUndefined();
    busy.totalCount = totalCount;
    busy.connect.mockRejectedValue(new Error("timeout exceeded when trying to connect"));
    expect(await outcomeOf(check)).toMatchObject(expected);
  });

  it("asks a Client of pg no more than three times where it hangs, and closes nothing", async () => {
    const query = vi.fn(() => new Promise(() => {}));
    const client = { connect: vi.fn(), query, end: vi.fn(), escapeIdentifier: vi.fn() } as unknown as PostgresClient;
    const check = postgres(client);
    const clock = new FakeClock();
    for (let i = 0; i < 5; i++) {
      const run = new Running(check, clock);
      run.abort();
      expect(await run.outcome).toMatchObject({ status: "fail" });
    }
    expect(query).toHaveBeenCalledTimes(3);
  });

  it("asks what the function of postgres returned", async () => {
    const unsafe = vi.fn(() => ({ raw: async () => [primary.map((text) => Buffer.from(text))] }));
    const sql = Object.assign(() => {}, { unsafe, end: vi.fn(), reserve: vi.fn() }) as unknown as PostgresClient;
    expect(await outcomeOf(postgres(sql))).toBeUndefined();
    expect(unsafe).toHaveBeenCalledOnce();
  });
});

describe("the options of postgres()", () => {
  const { client } = answering(primary);
  it.each<[object, string]>([
    [{ role: "master" }, 'role of postgres() must be "primary", "standby" or "any", got "master"'],
    [{ maxLagMs: -1 }, "maxLagMs of postgres() must be milliseconds from 0 to 2147483647, got -1"],
    [{ maxStarvedMs: "1m" }, 'maxStarvedMs of postgres() must be milliseconds from 0 to 2147483647, got "1m"'],
    [{ intervalMs: 0 }, "intervalMs of postgres() must be a number from 1"],
    [{ probes: ["liveness"] }, "liveness"],
    [{ query: "SELECT 1" }, "query is not an option of postgres(); the options are: backoff, critical"],
  ])("%j", (options, expected) => {
    expect(complaint(() => postgres(client, options as PostgresOptions))).toContain(expected);
  });

  it("must be an object", () => {
    expect(complaint(() => postgres(client, null as unknown as PostgresOptions))).toBe(
      "postgres() must be an object of options, got null",
    );
  });
});

describe("the client of postgres()", () => {
  const pools: Pool[] = [];
  afterEach(async () => {
    for (const pool of pools.splice(0)) await pool.end().catch(() => {});
  });

  it.each<[string, () => unknown, string]>([
    ["undefined", () => undefined, "got undefined; create the client before the check"],
    ["a URL", () => "postgres://localhost", 'got "postgres://localhost"'],
    ["another driver's", () => new MongoClient("mongodb://localhost"), "got an instance of MongoClient"],
    ["an object", () => ({ query() {} }), "got an object"],
    ["a function", () => () => {}, "got a function"],
  ])("cannot be %s", (_, make, expected) => {
    const message = complaint(() => postgres(make() as PostgresClient));
    expect(message).toContain(
      "client of postgres() must be a Pool or Client of pg, or what the function of postgres returned, ",
    );
    expect(message).toContain(expected);
  });

  it.each([
    ["pool", () => new Pool()],
    ["Client", () => new Client()],
  ])("cannot be a %s that was closed", async (_, make) => {
    const client = make();
    await client.end();
    const call = () => postgres(client);
    expect(complaint(call)).toBe("client of postgres() is closed already; give it the one that is in use");
    expect(call).toThrow(expect.toSatisfy(isHealthError));
  });

  it("may be a pool that is not connected yet", () => {
    const pool = new Pool();
    pools.push(pool);
    expect(postgres(pool)).toMatchObject({ external: true });
    expect(pool.totalCount).toBe(0);
  });
});
