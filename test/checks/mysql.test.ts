import { once } from "node:events";
import { type MysqlOptions, mysql } from "@otel-health/checks/mysql";
import { type RunContext, systemClock } from "@otel-health/core";
import { until } from "@otel-health/testkit";
import { createPool as createMariadbPool } from "mariadb";
import * as callbacks from "mysql2";
import { createConnection, createPool, type Pool } from "mysql2/promise";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Mariadb, mariadbPrograms, startMariadb } from "../servers/mariadb.ts";
import { missing } from "../servers/require-server.ts";

const context = (signal = new AbortController().signal): RunContext => ({
  signal,
  clock: systemClock,
  timeoutMs: 2_000,
});

const eventually = <T>(probe: () => Promise<T | undefined | false>) => until(probe, { describe: String(probe) });

const withDeadline = (ms: number) => context(AbortSignal.timeout(ms));

describe.skipIf(missing(...mariadbPrograms))("mysql() of a real MariaDB", () => {
  let primary: Mariadb;
  let replica: Mariadb;

  beforeAll(async () => {
    [primary, replica] = await Promise.all([
      startMariadb({ args: ["--server-id=1", "--log-bin", "--log-basename=primary"] }),
      startMariadb({ args: ["--server-id=2", "--read-only", "--log-basename=replica"] }),
    ]);
    await primary.query("CREATE USER repl IDENTIFIED BY 'repl'");
    await primary.query("GRANT REPLICATION SLAVE ON *.* TO repl");
    await primary.query("CREATE USER app IDENTIFIED BY 'right'");
    await primary.query("CREATE DATABASE app");
    await primary.query("CREATE TABLE app.t (n INT PRIMARY KEY)");
    await replica.query(
      `CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT=${primary.port}, MASTER_USER='repl',
       MASTER_PASSWORD='repl', MASTER_CONNECT_RETRY=1, MASTER_USE_GTID=slave_pos`,
    );
    await replica.query("START SLAVE");
  });

  afterAll(async () => {
    await replica?.[Symbol.asyncDispose]();
    await primary?.[Symbol.asyncDispose]();
  });

  const optionsOf = ({ port }: Mariadb, user = "root") => ({
    host: "127.0.0.1",
    port,
    user,
    ...(user === "app" && { password: "right" }),
    connectionLimit: 2,
  });

  const poolOf = (server: Mariadb, user?: string) => createPool(optionsOf(server, user));

  /** What a check of the replica says now. */
  async function follows(pool: Pool, options: MysqlOptions = {}) {
    return mysql(pool, { role: "replica", ...options }).run(context());
  }

  it.each([
    ["mysql2/promise pool", () => poolOf(primary, "app")],
    ["mysql2 pool", () => callbacks.createPool(optionsOf(primary, "app"))],
    ["mysql2/promise connection", () => createConnection(optionsOf(primary, "app"))],
    ["mysql2 connection", async () => callbacks.createConnection(optionsOf(primary, "app"))],
    ["mariadb pool", async () => createMariadbPool(optionsOf(primary, "app"))],
  ])(
    "%s: passes without a privilege, opens one connection, and knows a server that takes no writes",
    async (_, make) => {
      const client = await make();
      try {
        for (const role of ["primary", "any"] as const) {
          expect(await mysql(client as Pool, { role }).run(context())).toBeUndefined();
        }
        const check = mysql(client as Pool);
        await primary.query("SET GLOBAL read_only = 1");
        expect(await check.run(context())).toMatchObject({ status: "fail", errorType: "read_only" });
        await primary.query("SET GLOBAL read_only = 0");
        expect(await check.run(context())).toBeUndefined();
        const open = await primary.query("SELECT count(*) AS n FROM information_schema.processlist WHERE user = 'app'");
        // The mariadb pool opens as many as it may by itself.
        expect(Number(open[0]?.["n"])).toBeLessThanOrEqual(2);
      } finally {
        await primary.query("SET GLOBAL read_only = 0");
        await (client as Pool).end();
      }
    },
  );

  it("names the grant that a replica's state needs, and passes with it, on the connection that it has", async () => {
    await eventually(async () => (await replica.query("SELECT 1 FROM mysql.user WHERE user = 'app'")).length === 1);
    const pool = poolOf(replica, "app");
    try {
      expect(await follows(pool)).toMatchObject({
        fault: "fatal",
        errorType: "ER_SPECIFIC_ACCESS_DENIED_ERROR",
        hint: expect.stringContaining("GRANT REPLICA MONITOR"),
      });
      await primary.query("GRANT REPLICA MONITOR ON *.* TO app");
      await eventually(async () =>
        (await replica.query("SHOW GRANTS FOR app")).some((row) => /MONITOR/.test(JSON.stringify(row))),
      );
      // A privilege of everything counts from the next login.
      const again = poolOf(replica, "app");
      expect(await follows(again)).toBeUndefined();
      await again.end();
      const [[{ id }]] = (await pool.query("SELECT connection_id() AS id")) as unknown as [[{ id: number }]];
      await follows(pool);
      expect((await pool.query("SELECT connection_id() AS id"))[0]).toEqual([{ id }]);
    } finally {
      await pool.end();
    }
  });

  const typeCast = () => "the application's";
  const numbers = { supportBigNumbers: true, bigNumberStrings: true, dateStrings: true, namedPlaceholders: true };
  it.each<[string, string, (options: object) => unknown, object]>([
    ["mysql2", "rows as lists", createPool, { rowsAsArray: true }],
    ["mysql2", "tables", createPool, { nestTables: true }],
    ["mysql2", "prefixes", createPool, { nestTables: "_" }],
    ["mysql2", "casts", createPool, { typeCast }],
    ["mysql2", "casts without eval", createPool, { typeCast, disableEval: true }],
    ["mysql2", "no casts", createPool, { typeCast: false }],
    ["mysql2", "bytes", createPool, { charset: "binary" }],
    ["mysql2", "numbers", createPool, { ...numbers, decimalNumbers: true }],
    ["mariadb", "rows as lists", createMariadbPool, { rowsAsArray: true }],
    ["mariadb", "tables", createMariadbPool, { nestTables: true }],
    ["mariadb", "prefixes", createMariadbPool, { nestTables: "_" }],
    ["mariadb", "columns beside rows", createMariadbPool, { metaAsArray: true }],
    ["mariadb", "columns among rows", createMariadbPool, { metaEnumerable: true }],
    ["mariadb", "casts", createMariadbPool, { typeCast }],
    ["mariadb", "bytes", createMariadbPool, { charset: "binary" }],
    ["mariadb", "numbers", createMariadbPool, { ...numbers, bigIntAsNumber: true, decimalAsNumber: true }],
    ["mariadb", "numbers in bounds", createMariadbPool, { bigIntAsNumber: true, checkNumberRange: true }],
  ])("%s: reads its answers whatever the pool makes of others: %s", async (_driver, _what, make, more) => {
    const pool = make({ ...optionsOf(primary), ...more }) as Pool;
    const reads = make({ ...optionsOf(replica), ...more }) as Pool;
    try {
      expect(await mysql(pool).run(context())).toBeUndefined();
      expect(await mysql(pool, { role: "any" }).run(context())).toBeUndefined();
      expect(await mysql(reads).run(context())).toMatchObject({ errorType: "read_only" });
      await eventually(async () => (await follows(reads, { maxLagMs: 10_000 })) === undefined);
    } finally {
      await Promise.all([pool.end(), reads.end()]);
    }
  });

  it("tells a stopped thread, an error of replication and a primary", async () => {
    const pool = poolOf(replica);
    try {
      await eventually(async () => (await follows(pool)) === undefined);
      await replica.query("STOP SLAVE IO_THREAD");
      expect(await follows(pool)).toMatchObject({ errorType: "replication_stopped", fault: "persistent" });
      await replica.query("START SLAVE");
      await eventually(async () => (await follows(pool)) === undefined);
      await replica.query("INSERT INTO app.t VALUES (7)");
      await primary.query("INSERT INTO app.t VALUES (7)");
      const failed = await eventually(async () => {
        const outcome = await follows(pool);
        return outcome?.status === "fail" && outcome;
      });
      expect(failed.message).toContain("the SQL thread does not run, error 1062");
      await replica.query("DELETE FROM app.t WHERE n = 7");
      await replica.query("START SLAVE");
      await eventually(async () => (await follows(pool)) === undefined);
    } finally {
      await pool.end();
    }
    const wrong = poolOf(primary);
    try {
      expect(await follows(wrong)).toMatchObject({ status: "warn", message: expect.stringContaining("not a replica") });
    } finally {
      await wrong.end();
    }
  });

  it("tells a replica that is too far behind", async () => {
    const pool = poolOf(replica);
    try {
      await eventually(async () => (await follows(pool, { maxLagMs: 0 })) === undefined);
      await replica.query("STOP SLAVE");
      await replica.query("CHANGE MASTER TO MASTER_DELAY=3600");
      await replica.query("START SLAVE");
      await primary.query("INSERT INTO app.t VALUES (1)");
      const behind = await eventually(async () => {
        const outcome = await follows(pool, { maxLagMs: 999 });
        return outcome?.status === "fail" && outcome;
      });
      expect(behind).toMatchObject({
        errorType: "replication_lag",
        message: expect.stringMatching(/\d+000 ms behind/),
      });
      expect(await follows(pool)).toBeUndefined();
      await replica.query("STOP SLAVE");
      await replica.query("CHANGE MASTER TO MASTER_DELAY=0");
      await replica.query("START SLAVE");
      await eventually(async () => (await follows(pool, { maxLagMs: 999 })) === undefined);
    } finally {
      await pool.end();
    }
  });

  it("warns of a replica that lost its source, until the lag that this makes is too much", async () => {
    const pool = poolOf(replica);
    const check = mysql(pool, { role: "replica", maxLagMs: 1_500 });
    const seen: string[] = [];
    try {
      await eventually(async () => (await check.run(context())) === undefined);
      await primary.stop();
      await eventually(async () => {
        const outcome = await check.run(context());
        if (outcome?.status === "fail") expect(outcome.errorType).toBe("replication_lag");
        seen.push(outcome?.status ?? "pass");
        return outcome?.status === "fail";
      });
      expect(seen).toContain("warn");
      await primary.start();
      await eventually(async () => (await check.run(context())) === undefined);
    } finally {
      await pool.end();
    }
  });

  it.each([
    ["mysql2", () => poolOf(primary, "app")],
    ["mariadb", () => createMariadbPool({ ...optionsOf(primary, "app"), minimumIdle: 0 })],
  ])("%s: a run that gives up closes the connection that it borrowed, and kills nothing", async (_, make) => {
    const pool = make() as Pool;
    const kills = async () => (await primary.query("SHOW GLOBAL STATUS LIKE 'Com_kill%'"))[0]?.["Value"];
    const before = await kills();
    try {
      const check = mysql(pool);
      await check.run(context());
      primary.pause();
      try {
        expect(await check.run(withDeadline(200))).toMatchObject({ status: "fail", errorType: "timeout" });
      } finally {
        primary.resume();
      }
      expect(await check.run(context())).toBeUndefined();
      await eventually(async () => {
        const open = await primary.query("SELECT count(*) AS n FROM information_schema.processlist WHERE user = 'app'");
        return Number(open[0]?.["n"]) === 1;
      });
      expect(await kills()).toBe(before);
    } finally {
      await pool.end();
    }
  });

  it("mariadb: a server that is killed while it is asked leaves a pool that works once it is back", async () => {
    const pool = createMariadbPool({ ...optionsOf(primary, "app"), minimumIdle: 0 });
    const check = mysql(pool);
    try {
      expect(await check.run(context())).toBeUndefined();
      primary.pause();
      expect(await check.run(withDeadline(200))).toMatchObject({ status: "fail", errorType: "timeout" });
      await primary.stop({ signal: "SIGKILL", timeoutMs: 5_000 });
      await primary.start();
      await eventually(async () => (await check.run(context())) === undefined);
      expect(pool.activeConnections()).toBe(0);
    } finally {
      await pool.end();
    }
  });

  it.each([
    ["mysql2", () => poolOf(primary)],
    ["mariadb", () => createMariadbPool(optionsOf(primary))],
    ["mariadb that gives up sooner", () => createMariadbPool({ ...optionsOf(primary), acquireTimeout: 100 })],
  ])("%s: warns of a pool with nothing to lend", async (_, make) => {
    const pool = make() as Pool;
    const check = mysql(pool);
    try {
      expect(await check.run(context())).toBeUndefined();
      const held = [await pool.getConnection(), await pool.getConnection()];
      expect(await check.run({ ...context(), timeoutMs: 300 })).toMatchObject({
        status: "warn",
        message: expect.stringContaining("lent no connection"),
      });
      for (const connection of held) connection.release();
      expect((await check.run(context()))?.status).not.toBe("fail");
      expect(await check.run(context())).toBeUndefined();
    } finally {
      await pool.end();
    }
  });

  it("mariadb: a pool that gives up on a new connection says so, while others are lent", async () => {
    const pool = createMariadbPool({ ...optionsOf(primary), minimumIdle: 0, acquireTimeout: 100 });
    const check = mysql(pool);
    try {
      expect(await check.run(context())).toBeUndefined();
      const held = await pool.getConnection();
      primary.pause();
      try {
        expect(await check.run(context())).toMatchObject({ status: "fail", errorType: "ER_GET_CONNECTION_TIMEOUT" });
      } finally {
        primary.resume();
      }
      await held.release();
      await eventually(async () => (await check.run(context())) === undefined);
    } finally {
      await pool.end();
    }
  });

  it("tells wrong credentials and a wrong database", async () => {
    for (const [options, errorType] of [
      [{ user: "nobody", password: "x" }, "ER_ACCESS_DENIED_ERROR"],
      [{ database: "typo" }, "ER_BAD_DB_ERROR"],
    ] as const) {
      for (const pool of [
        createPool({ ...optionsOf(primary), ...options }),
        createMariadbPool({ ...optionsOf(primary), ...options, acquireTimeout: 1_000 }),
      ]) {
        const outcome = await mysql(pool as Pool).run(context());
        expect.soft(outcome, errorType).toMatchObject({ status: "fail", errorType, fault: "fatal" });
        await pool.end();
      }
    }
  });

  it("tells a client that was closed under it", async () => {
    const pool = poolOf(primary);
    const check = mysql(pool);
    await pool.end();
    expect(await check.run(context())).toMatchObject({ errorType: "client_closed", fault: "persistent" });
    const connection = await createConnection(optionsOf(primary));
    const single = mysql(connection);
    expect(await single.run(context())).toBeUndefined();
    await connection.end();
    expect(await single.run(context())).toMatchObject({ errorType: "client_unusable", fault: "persistent" });
  });

  it("refuses a connection that was closed before, by either of its ends", async () => {
    const ended = await createConnection(optionsOf(primary));
    await ended.end();
    const destroyed = callbacks.createConnection(optionsOf(primary));
    await once(destroyed, "connect");
    destroyed.destroy();
    for (const client of [ended, destroyed]) expect(() => mysql(client)).toThrow("closed already");
  });
});
