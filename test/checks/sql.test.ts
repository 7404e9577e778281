import { MikroORM } from "@mikro-orm/postgresql";
import { sql } from "@otel-health/checks/sql";
import { type FunctionCheck, type RunContext, systemClock } from "@otel-health/core";
import { freePort, until } from "@otel-health/testkit";
import { sql as drizzleSql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import knex from "knex";
import { Kysely, sql as kyselySql, PostgresDialect } from "kysely";
import { Pool } from "pg";
import { Sequelize } from "sequelize";
import { DataSource } from "typeorm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Postgres, postgresPrograms, startPostgres } from "../servers/postgres.ts";
import { missing } from "../servers/require-server.ts";

interface Login {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

interface Built extends AsyncDisposable {
  readonly check: FunctionCheck;
}

const context = (signal = new AbortController().signal): RunContext => ({
  signal,
  clock: systemClock,
  timeoutMs: 2_000,
});

function poolOf(login: Login): Pool {
  const pool = new Pool({ ...login, max: 2 });
  pool.on("error", () => {});
  return pool;
}

/** Knex says on the console what it also rejects with. */
const log = { warn() {}, error() {}, deprecate() {}, debug() {} };

const builders: { readonly [name: string]: (login: Login) => Built } = {
  Knex: (login) => {
    const db = knex({ client: "pg", connection: login, pool: { min: 0, max: 2 }, log });
    return { check: sql(() => db.raw("SELECT 1")), [Symbol.asyncDispose]: () => db.destroy() };
  },
  Drizzle: (login) => {
    const pool = poolOf(login);
    const db = drizzle(pool);
    return { check: sql(() => db.execute(drizzleSql`SELECT 1`)), [Symbol.asyncDispose]: () => pool.end() };
  },
  Kysely: (login) => {
    const db = new Kysely<object>({ dialect: new PostgresDialect({ pool: poolOf(login) }) });
    return { check: sql(() => kyselySql`SELECT 1`.execute(db)), [Symbol.asyncDispose]: () => db.destroy() };
  },
  MikroORM: ({ database: dbName, ...login }) => {
    // By default it makes a database that is missing.
    const orm = new MikroORM({
      ...login,
      dbName,
      ensureDatabase: false,
      entities: [],
      discovery: { warnWhenNoEntities: false },
      pool: { max: 2 },
    });
    return { check: sql(() => orm.em.execute("SELECT 1")), [Symbol.asyncDispose]: () => orm.close(true) };
  },
  Sequelize: ({ user, password, database, ...address }) => {
    const db = new Sequelize(database, user, password, {
      ...address,
      dialect: "postgres",
      logging: false,
      pool: { max: 2 },
    });
    return { check: sql(() => db.query("SELECT 1")), [Symbol.asyncDispose]: () => db.close() };
  },
  TypeORM: ({ user, ...login }) => {
    const db = new DataSource({ type: "postgres", ...login, username: user, logging: false, poolSize: 2 });
    const ready = async () => (db.isInitialized ? db : await db.initialize());
    return {
      check: sql(async () => (await ready()).query("SELECT 1")),
      [Symbol.asyncDispose]: async () => void (db.isInitialized && (await db.destroy())),
    };
  },
};

describe.skipIf(missing(...postgresPrograms))("sql() of a real PostgreSQL", () => {
  let server: Postgres;
  let login: Login;

  beforeAll(async () => {
    server = await startPostgres({ auth: "scram-sha-256" });
    await server.query("CREATE ROLE app LOGIN PASSWORD 'right'");
    login = { host: "127.0.0.1", port: server.port, user: "app", password: "right", database: "postgres" };
  });

  afterAll(() => server?.[Symbol.asyncDispose]());

  const connections = async () =>
    Number((await server.query("SELECT count(*) AS n FROM pg_stat_activity WHERE usename = 'app'"))[0]?.["n"]);

  describe.each(Object.entries(builders))("%s", (_, build) => {
    it("passes, and opens one connection", async () => {
      await using built = build(login);
      expect(await built.check.run(context())).toBeUndefined();
      expect(await built.check.run(context())).toBeUndefined();
      expect(await connections()).toBe(1);
    });

    it("tells what the driver beneath says", async () => {
      for (const [wrong, errorType, fault] of [
        [{ password: "wrong" }, "28P01", "fatal"],
        [{ database: "typo" }, "3D000", "fatal"],
        [{ port: await freePort() }, "ECONNREFUSED", undefined],
      ] as const) {
        await using built = build({ ...login, ...wrong });
        const outcome = await built.check.run(context());
        expect.soft(outcome).toMatchObject({ status: "fail", errorType, hint: expect.stringMatching(/\w/) });
        expect.soft(outcome?.fault).toBe(fault);
      }
    });

    it("gives up on a server that hangs, leaves at most three queries behind, and is well again after it", async () => {
      await using built = build(login);
      expect(await built.check.run(context())).toBeUndefined();
      server.pause();
      try {
        for (let run = 0; run < 5; run++) {
          expect(await built.check.run(context(AbortSignal.timeout(30)))).toMatchObject({ status: "fail" });
        }
      } finally {
        server.resume();
      }
      expect(await built.check.run(context())).toBeUndefined();
      expect(await connections()).toBeLessThanOrEqual(2);
    });
  });

  it("Knex: tells a pool that has no connection to lend", async () => {
    await using db = Object.assign(
      knex({ client: "pg", connection: login, pool: { min: 0, max: 1 }, acquireConnectionTimeout: 100, log }),
      { [Symbol.asyncDispose]: () => db.destroy() },
    );
    const check = sql(() => db.raw("SELECT 1"));
    const held = await db.transaction();
    expect(await check.run(context())).toMatchObject({ status: "fail", errorType: "pool_exhausted" });
    await held.rollback();
    expect(await check.run(context())).toBeUndefined();
  });

  it("judges what the query returns", async () => {
    await using db = Object.assign(knex({ client: "pg", connection: login, log }), {
      [Symbol.asyncDispose]: () => db.destroy(),
    });
    const check = sql(() => db.raw("SHOW transaction_read_only"), {
      expect: ({ rows }) => rows[0].transaction_read_only === "off",
    });
    expect(await check.run(context())).toBeUndefined();
    await server.query("ALTER ROLE app SET default_transaction_read_only = on");
    await server.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'");
    const outcome = await until(
      async () => {
        const seen = await check.run(context());
        return seen?.errorType === "unexpected_result" && seen;
      },
      { describe: "unexpected_result" },
    );
    expect(outcome.status).toBe("fail");
    await server.query("ALTER ROLE app SET default_transaction_read_only = off");
  });
});
