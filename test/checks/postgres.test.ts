import { type PostgresOptions, postgres } from "@otel-health/checks/postgres";
import { systemClock } from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import { until } from "@otel-health/testkit";
import { Client, Pool, type PoolConfig } from "pg";
import postgresJs from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Postgres, postgresPrograms, startPostgres, startStandby } from "../servers/postgres.ts";
import { missing } from "../servers/require-server.ts";

const ask = (check: ReturnType<typeof postgres>, timeoutMs = 2_000) =>
  check.run({ signal: new AbortController().signal, clock: systemClock, timeoutMs });

describe.skipIf(missing(...postgresPrograms))("postgres() on a real primary and its standby", () => {
  let primary: Postgres;
  let standby: Postgres;
  const closing: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    primary = await startPostgres();
    standby = await startStandby(primary);
  });
  afterAll(async () => {
    for (const close of closing) await close();
    await standby?.[Symbol.asyncDispose]();
    await primary?.[Symbol.asyncDispose]();
  });

  function poolOf({ port }: Postgres, more: PoolConfig = {}): Pool {
    const pool = new Pool({ host: "127.0.0.1", port, user: "postgres", application_name: "checked", max: 2, ...more });
    pool.on("error", () => {});
    closing.push(() => pool.end());
    return pool;
  }
  const asked = (server: Postgres, options?: PostgresOptions) => ask(postgres(poolOf(server), options));

  it("tells them apart", async () => {
    expect(await asked(primary)).toBeUndefined();
    expect(await asked(standby)).toMatchObject({ status: "fail", errorType: "not_primary" });
    expect(await asked(standby, { role: "standby" })).toBeUndefined();
    expect(await asked(primary, { role: "standby" })).toMatchObject({ status: "warn" });
    expect(await asked(primary, { role: "any", maxLagMs: 0 })).toBeUndefined();
  });

  it("bounds the lag of a standby whose replay stands still, and of one that has lost its primary", async () => {
    await primary.query("CREATE TABLE written (at timestamptz)");
    const write = () => primary.query("INSERT INTO written VALUES (now())");
    const replayed = (count: number) =>
      until(async () => Number((await standby.query("SELECT count(*) FROM written"))[0]?.["count"]) === count, {
        describe: `${count} rows on the standby`,
        timeoutMs: 20_000,
      });
    await write();
    await replayed(1);
    const check = postgres(poolOf(standby), { role: "standby", maxLagMs: 50 });
    expect(await ask(check)).toBeUndefined();

    await standby.query("SELECT pg_wal_replay_pause()");
    await write();
    const behind = await until(async () => (await ask(check)) ?? undefined, { describe: "it lags", timeoutMs: 20_000 });
    expect(behind).toMatchObject({
      status: "fail",
      errorType: "replication_lag",
      hint: expect.stringContaining("keep up"),
    });
    await standby.query("SELECT pg_wal_replay_resume()");
    await replayed(2);
    await until(async () => (await ask(check)) === undefined, { describe: "it has caught up", timeoutMs: 20_000 });

    // All that was received is replayed, and more is not to come: an age that only grows.
    await primary.stop();
    const lost = await until(async () => (await ask(check)) ?? undefined, {
      describe: "it is alone",
      timeoutMs: 20_000,
    });
    expect(lost).toMatchObject({ message: expect.stringContaining("nothing is received from the primary") });
    await primary.start();
  });

  it("asks through a Client, and through what the function of postgres returns", async () => {
    const client = new Client({ host: "127.0.0.1", port: primary.port, user: "postgres" });
    await client.connect();
    closing.push(() => client.end());
    expect(await ask(postgres(client))).toBeUndefined();
    const sql = postgresJs({ host: "127.0.0.1", port: primary.port, user: "postgres" });
    closing.push(() => sql.end());
    expect(await ask(postgres(sql))).toBeUndefined();
  });

  it("pg: reads its answer whatever parsers the application has set", async () => {
    const types = { getTypeParser: () => () => "the application's" };
    for (const more of [{ types }, { types, binary: true }] as PoolConfig[]) {
      expect(await ask(postgres(poolOf(primary, more), { maxLagMs: 0 }))).toBeUndefined();
      expect(await ask(postgres(poolOf(standby, more)))).toMatchObject({ errorType: "not_primary" });
      expect(await ask(postgres(poolOf(standby, more), { role: "standby", maxLagMs: 60_000 }))).toBeUndefined();
    }
    const client = new Client({ host: "127.0.0.1", port: primary.port, user: "postgres", types });
    await client.connect();
    closing.push(() => client.end());
    expect(await ask(postgres(client))).toBeUndefined();
  });

  const parser = (from: readonly number[]) => ({
    to: 25,
    from: [...from],
    serialize: String,
    parse: () => "another's",
  });
  it.each<[string, postgresJs.Options<Record<string, postgresJs.PostgresType>>]>([
    ["camel", { transform: postgresJs.camel }],
    ["pascal", { transform: postgresJs.pascal }],
    ["kebab", { transform: postgresJs.kebab }],
    ["of columns", { transform: { column: (name) => `the_${name}` } }],
    ["of values", { transform: { value: () => "another" } }],
    ["of rows", { transform: { row: (row: object) => ({ ...row }) } }],
    ["parsers", { types: { text: parser([16, 25]) } }],
  ])("postgres: reads its answer whatever the application transforms: %s", async (_, more) => {
    const sqlOf = ({ port }: Postgres) => {
      const sql = postgresJs({ host: "127.0.0.1", port, user: "postgres", max: 1, ...more });
      closing.push(() => sql.end());
      return sql;
    };
    expect(await ask(postgres(sqlOf(primary), { maxLagMs: 0 }))).toBeUndefined();
    const reads = sqlOf(standby);
    expect(await ask(postgres(reads))).toMatchObject({ errorType: "not_primary" });
    expect(await ask(postgres(reads, { role: "standby", maxLagMs: 60_000 }))).toBeUndefined();
  });

  it.each([
    ["waits for ever", {}],
    ["gives up sooner than the check", { connectionTimeoutMillis: 100 }],
  ])("warns of a pool with nothing to lend that %s", async (_, more) => {
    const pool = poolOf(primary, more);
    const check = postgres(pool);
    expect(await ask(check)).toBeUndefined();
    const held = [await pool.connect(), await pool.connect()];
    for (let run = 0; run < 2; run++) {
      expect(await ask(check, 300)).toMatchObject({
        status: "warn",
        message: expect.stringContaining("lent no connection"),
      });
    }
    for (const client of held) client.release();
    // What the runs before asked for comes now, and goes back.
    expect((await ask(check))?.status).not.toBe("fail");
    expect(await ask(check)).toBeUndefined();
  });

  it("a pool that gives up on a new connection says so, while others are lent", async () => {
    const pool = poolOf(primary, { connectionTimeoutMillis: 100 });
    const check = postgres(pool);
    expect(await ask(check)).toBeUndefined();
    const held = await pool.connect();
    primary.pause();
    try {
      expect(await ask(check)).toMatchObject({ status: "fail", errorType: "connect_timeout" });
    } finally {
      primary.resume();
    }
    held.release();
    await until(async () => (await ask(check)) === undefined, { describe: "it is back" });
  });

  it("a server that hangs under the application's own queries is a busy pool at first, then a failure", async () => {
    const pool = poolOf(primary);
    const clock = new FakeClock();
    const check = postgres(pool, { maxStarvedMs: 10_000 });
    const run = () => check.run({ signal: new AbortController().signal, clock, timeoutMs: 2_000 });
    const starved = async () => {
      const outcome = run();
      await clock.advance(1_600);
      return outcome;
    };
    expect(await run()).toBeUndefined();
    // Both are connected before the server hangs.
    for (const client of [await pool.connect(), await pool.connect()]) client.release();
    primary.pause();
    const queries = [pool.query("SELECT 1"), pool.query("SELECT 1")];
    try {
      await until(() => pool.idleCount === 0, { describe: "both are lent" });
      expect(await starved()).toMatchObject({
        status: "warn",
        message: expect.stringContaining("the pool lent no connection: all 2 are in use"),
      });
      await clock.advance(10_000 - 1_600);
      expect(await starved()).toMatchObject({ status: "fail", errorType: "pool_exhausted" });
    } finally {
      primary.resume();
    }
    await Promise.all(queries);
    await until(async () => (await run()) === undefined, { describe: "it is back" });
  });

  it("leaves nothing on the server: no connection of its own, and none that was given up", async () => {
    const pool = poolOf(primary);
    const others = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'checked'";
    const count = async () => Number((await primary.query(others))[0]?.["count"]);
    const check = postgres(pool);
    const before = await count();
    await ask(check);
    await ask(check);
    expect(await count()).toBe(before + 1);
    expect(pool).toMatchObject({ totalCount: 1, idleCount: 1, waitingCount: 0 });
    primary.pause();
    const controller = new AbortController();
    const given = check.run({ signal: controller.signal, clock: systemClock, timeoutMs: 2_000 });
    await until(() => pool.idleCount === 0, { describe: "it is lent" });
    controller.abort(new Error("given up"));
    expect(await given).toMatchObject({ status: "fail", message: "given up" });
    expect(pool.totalCount).toBe(0);
    primary.resume();
    await until(async () => (await count()) === before, { describe: "the server has heard of it", timeoutMs: 20_000 });
  });
});
