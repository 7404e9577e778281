import { type PostgresOptions, postgres } from "@otel-health/checks/postgres";
import { systemClock } from "@otel-health/core";
import { until } from "@otel-health/testkit";
import { Client, Pool } from "pg";
import postgresJs from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Postgres, postgresPrograms, startPostgres, startStandby } from "../servers/postgres.ts";
import { missing } from "../servers/require-server.ts";

const ask = (check: ReturnType<typeof postgres>) =>
  check.run({ signal: new AbortController().signal, clock: systemClock, timeoutMs: 2_000 });

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

  function poolOf({ port }: Postgres): Pool {
    const pool = new Pool({ host: "127.0.0.1", port, user: "postgres", application_name: "checked", max: 2 });
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
