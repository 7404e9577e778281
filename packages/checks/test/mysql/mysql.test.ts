import { EventEmitter } from "node:events";
import { type MysqlClient, type MysqlOptions, mysql } from "@otel-health/checks/mysql";
import { HealthError, type RunContext } from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import { createPool as createMariadbPool } from "mariadb";
import * as callbacks from "mysql2";
import { createPool } from "mysql2/promise";
import { describe, expect, it } from "vitest";

type Answer = readonly unknown[] | Error | Promise<readonly unknown[]>;

/** A pool of `mysql2/promise` with one connection, whose answers are scripted by the statement. */
class ScriptedPool extends EventEmitter {
  readonly pool = { config: { connectionLimit: 1 } };
  readonly asked: string[] = [];
  readonly given: string[] = [];
  answers: { [sql: string]: Answer } = {};
  /** What a borrower gets: a connection, a place in the queue or an error. */
  lend: () => Promise<void> = async () => {};
  readonly execute = async () => {};
  readonly query = async () => {};
  readonly end = async () => {};

  async getConnection() {
    await this.lend();
    return {
      query: async ({ sql }: { readonly sql: string }): Promise<readonly unknown[]> => {
        this.asked.push(sql);
        const answer = await (this.answers[sql] ?? Object.values(this.answers)[0]);
        if (answer instanceof Error) throw answer;
        return [answer, []];
      },
      release: () => void this.given.push("released"),
      destroy: () => void this.given.push("destroyed"),
    };
  }
}

class ScriptedConnection extends ScriptedPool {
  declare readonly getConnection: never;
}

function context() {
  const controller = new AbortController();
  const clock = new FakeClock();
  const run: RunContext = { signal: controller.signal, clock, timeoutMs: 2_000 };
  return { run, clock, abort: () => controller.abort(new Error("deadline")) };
}

function scripted(answers: ScriptedPool["answers"] | Answer): ScriptedPool {
  const pool = new ScriptedPool();
  const many = Array.isArray(answers) || answers instanceof Error || answers instanceof Promise;
  pool.answers = many ? { any: answers as Answer } : (answers as ScriptedPool["answers"]);
  return pool;
}

const ask = (pool: MysqlClient, options: MysqlOptions = {}, run = context().run) => mysql(pool, options).run(run);
const error = (code: string | undefined, message = "said", more: object = {}) =>
  Object.assign(new Error(message), code === undefined ? {} : { code }, more);

const writable = [{ read_only: "0", innodb_read_only: "0" }];
const follows = { Slave_IO_Running: "Yes", Slave_SQL_Running: "Yes", Seconds_Behind_Master: "0" };

describe("options and clients", () => {
  it.each([
    [{ role: "standby" as never }, 'role of mysql() must be "primary", "replica" or "any", got "standby"'],
    [{ role: "replica", maxLagMs: -1 }, "maxLagMs of mysql() must be milliseconds from 0"],
    [{ maxLagMs: 1_000 }, 'role of mysql() with maxLagMs must be "replica" or "any", got "primary"'],
    [{ maxStarvedMs: Number.NaN }, "maxStarvedMs of mysql() must be milliseconds"],
    [{ maxLag: 3 } as MysqlOptions, "maxLag"],
  ] satisfies [MysqlOptions, string][])("refuses %j", (options, message) => {
    expect(() => mysql(scripted(writable), options)).toThrow(message);
    expect(() => mysql(scripted(writable), options)).toThrow(HealthError);
  });

  it.each([
    [undefined, "got undefined; create the client before the check"],
    [{}, "must be a pool or connection of mysql2 or mysql2/promise, or a pool of mariadb, got an object"],
    [{ query() {}, connect() {}, end() {} }, "got an object"],
    // The `mysql` package: a pool without promises.
    [{ query() {}, getConnection() {}, end() {}, on() {}, removeListener() {} }, "got an object"],
  ])("refuses the client %o", (client, message) => {
    expect(() => mysql(client as never)).toThrow(message);
  });

  it("takes each kind of pool of both drivers, and refuses a closed one", async () => {
    const promised = createPool({});
    const called = callbacks.createPool({});
    const mariadb = createMariadbPool({ minimumIdle: 0, initializationTimeout: 1 });
    try {
      for (const client of [promised, called, mariadb]) {
        expect(mysql(client)).toMatchObject({ external: true, hint: expect.stringContaining("firewall") });
      }
    } finally {
      await Promise.all([promised.end(), called.promise().end(), mariadb.end()]);
    }
    for (const client of [promised, called, mariadb]) expect(() => mysql(client)).toThrow("closed already");
  });

  it("is not for liveness", () => {
    expect(() => mysql(scripted(writable), { probes: ["liveness"] })).toThrow("cannot count for liveness");
  });
});

describe("role", () => {
  it.each([
    [writable, undefined],
    [[{ read_only: "OFF", innodb_read_only: "0" }], undefined],
    [[{ read_only: "1", innodb_read_only: "0" }], "read_only"],
    [[{ read_only: "0", innodb_read_only: "1" }], "read_only"],
    [[{ read_only: "NO_LOCK", innodb_read_only: "0" }], "read_only"],
  ])("a primary that says %o", async (rows, errorType) => {
    const pool = scripted(rows);
    const outcome = await ask(pool);
    expect(outcome?.errorType).toBe(errorType);
    expect(outcome?.status).toBe(errorType && "fail");
    expect(pool.asked).toHaveLength(1);
    expect(pool.given).toEqual(["released"]);
  });

  it('asks "any" only whether it answers', async () => {
    const pool = scripted([{ answer: "1" }]);
    expect(await ask(pool, { role: "any" })).toBeUndefined();
    expect(pool.asked).toEqual(["SELECT 1 AS answer"]);
  });

  it.each([
    [{}, undefined, undefined],
    [{ Seconds_Behind_Master: "3" }, undefined, undefined],
    [{ Seconds_Behind_Master: "3" }, 3_000, undefined],
    [
      { Seconds_Behind_Master: "4" },
      3_000,
      { status: "fail", errorType: "replication_lag", message: "the replica is 4000 ms behind, more than 3000 ms" },
    ],
    [
      { Slave_IO_Running: "No", Last_IO_Errno: "1236" },
      undefined,
      {
        status: "fail",
        fault: "persistent",
        errorType: "replication_stopped",
        message: expect.stringContaining("the I/O thread does not run, error 1236"),
      },
    ],
    [
      { Slave_SQL_Running: "No", Last_SQL_Errno: "1062" },
      3_000,
      {
        status: "fail",
        errorType: "replication_stopped",
        message: expect.stringContaining("the SQL thread does not run, error 1062"),
      },
    ],
    [{ Slave_IO_Running: "Connecting", Seconds_Behind_Master: null }, undefined, { status: "warn" }],
    [{ Seconds_Behind_Master: null }, 3_000, { status: "warn", message: expect.stringContaining("not known") }],
  ] as const)("a replica that says %j, with maxLagMs %s", async (said, maxLagMs, expected) => {
    const old = { ...follows, ...said };
    const renamed = Object.fromEntries(
      Object.entries(old).map(([name, value]) => [name.replace("Slave", "Replica").replace("Master", "Source"), value]),
    );
    for (const row of [old, renamed]) {
      const outcome = await ask(scripted([row]), { role: "replica", ...(maxLagMs !== undefined && { maxLagMs }) });
      if (expected === undefined) expect(outcome).toBeUndefined();
      else expect(outcome).toMatchObject(expected);
    }
  });

  it("judges every source of a replica", async () => {
    const stopped = { ...follows, Slave_SQL_Running: "No" };
    const behind = { ...follows, Seconds_Behind_Master: "9" };
    const options = { role: "replica", maxLagMs: 3_000 } as const;
    expect(await ask(scripted([follows, stopped]), options)).toMatchObject({ errorType: "replication_stopped" });
    expect(await ask(scripted([follows, behind]), options)).toMatchObject({ errorType: "replication_lag" });
  });

  it("counts the lag on while a replica is cut off from its source", async () => {
    const pool = scripted([{ ...follows, Seconds_Behind_Master: "2" }]);
    const { run, clock } = context();
    const check = mysql(pool, { role: "replica", maxLagMs: 5_000 });
    expect(await check.run(run)).toBeUndefined();
    pool.answers = { any: [{ ...follows, Slave_IO_Running: "Connecting", Seconds_Behind_Master: null }] };
    await clock.advance(3_000);
    expect(await check.run(run)).toMatchObject({ status: "warn" });
    await clock.advance(1);
    expect(await check.run(run)).toMatchObject({
      errorType: "replication_lag",
      message: "the replica is at least 5001 ms behind, more than 5000 ms",
    });
    pool.answers = { any: [follows] };
    expect(await check.run(run)).toBeUndefined();
  });

  it("warns of a server that replicates from nobody where a replica is wanted", async () => {
    expect(await ask(scripted([]), { role: "replica" })).toMatchObject({ status: "warn" });
    expect(await ask(scripted([]), { role: "any", maxLagMs: 1 })).toBeUndefined();
  });

  it("asks a server that does not know the newer statement by the older one, and goes on with that", async () => {
    const unknown = error("ER_PARSE_ERROR", "near REPLICA", { sqlState: "42000" });
    const pool = scripted({ "SHOW REPLICA STATUS": unknown, "SHOW SLAVE STATUS": [follows] });
    const check = mysql(pool, { role: "replica" });
    const { run } = context();
    expect(await check.run(run)).toBeUndefined();
    expect(await check.run(run)).toBeUndefined();
    expect(pool.asked).toEqual(["SHOW REPLICA STATUS", "SHOW SLAVE STATUS", "SHOW SLAVE STATUS"]);
    expect(pool.given).toEqual(["released", "released"]);
  });

  it("names the grant that the state of replication needs", async () => {
    const denied = error("ER_SPECIFIC_ACCESS_DENIED_ERROR", "Access denied", { sqlState: "42000" });
    const pool = scripted(denied);
    expect(await ask(pool, { role: "replica" })).toMatchObject({
      fault: "fatal",
      errorType: "ER_SPECIFIC_ACCESS_DENIED_ERROR",
      hint: expect.stringMatching(/GRANT REPLICATION CLIENT .* GRANT REPLICA MONITOR/),
    });
    // The connection brought an answer, and is as good as before.
    expect(pool.given).toEqual(["released"]);
  });
});

describe("answers that no server gives", () => {
  it.each([
    [undefined as never],
    [null as never],
    ["rows" as never],
    [[]],
    [[undefined]],
    [[null]],
    [["row"]],
    [[{}]],
    [[{ read_only: "0" }]],
    [[{ read_only: {}, innodb_read_only: "0" }]],
  ])("%j is a failure", async (rows) => {
    for (const role of ["primary", "any"] as const) {
      const outcome = await ask(scripted({ any: rows }), { role });
      expect(outcome).toMatchObject({
        status: "fail",
        message: expect.stringMatching(/^the server('s answer| answered)/),
      });
    }
  });

  it.each([[[null]], [[{}]], [[{ Slave_IO_Running: "Yes" }]]])("%j is a failure of a replica", async (rows) => {
    expect(await ask(scripted(rows), { role: "replica" })).toMatchObject({ status: "fail" });
  });

  it("what throws when it is read is a failure", async () => {
    const hostile = new Proxy(new Error("x"), {
      get: () => {
        throw new Error("no");
      },
    });
    expect(await ask(scripted({ any: Promise.reject(hostile) }))).toMatchObject({ status: "fail" });
  });
});

describe("what an error means", () => {
  it.each([
    ["ER_ACCESS_DENIED_ERROR", "fatal"],
    ["ER_BAD_DB_ERROR", "fatal"],
    ["ER_DBACCESS_DENIED_ERROR", "fatal"],
    ["ER_HOST_NOT_PRIVILEGED", "fatal"],
    ["AUTH_SWITCH_PLUGIN_ERROR", "fatal"],
    ["ER_HOST_IS_BLOCKED", "persistent"],
    ["HANDSHAKE_NO_SSL_SUPPORT", "persistent"],
    ["HANDSHAKE_SSL_ERROR", "persistent"],
    ["ER_CON_COUNT_ERROR", undefined],
    ["ER_TOO_MANY_USER_CONNECTIONS", undefined],
    ["PROTOCOL_CONNECTION_LOST", undefined],
    ["ER_SERVER_SHUTDOWN", undefined],
    ["ECONNREFUSED", undefined],
  ])("%s is %s", async (code, fault) => {
    const outcome = await ask(scripted(error(code)));
    expect(outcome).toMatchObject({ status: "fail", errorType: code, hint: expect.stringMatching(/\w{3}/) });
    expect(outcome?.fault).toBe(fault);
  });

  it.each([
    [error(undefined, "Pool is closed."), "client_closed"],
    [error(undefined, "Can't add new command when connection is in closed state"), "client_unusable"],
    [error("HANDSHAKE_SSL_ERROR", "certificate has expired"), "CERT_HAS_EXPIRED"],
  ])("%s", async (thrown, errorType) => {
    expect(await ask(scripted(thrown))).toMatchObject({ errorType, fault: "persistent" });
  });

  it("a code that is the name of a property of every object is nothing known", async () => {
    expect((await ask(scripted(error("constructor"))))?.hint).toBeUndefined();
  });
});

describe("a pool", () => {
  it("warns where a connection was waited for, and leaves no listener", async () => {
    const pool = scripted(writable);
    pool.lend = async () => void pool.emit("enqueue");
    expect(await ask(pool)).toMatchObject({
      status: "warn",
      message: "all 1 connections of the pool were in use",
      hint: expect.stringContaining("in use"),
    });
    expect(pool.eventNames()).toEqual([]);
    pool.lend = async () => {};
    expect(await ask(pool)).toBeUndefined();
  });

  it("warns of a full pool while the last answer is young, fails once it is old, and gives late connections back", async () => {
    const pool = scripted(writable);
    const { run, clock } = context();
    const check = mysql(pool, { maxStarvedMs: 10_000 });
    await check.run(run);
    const late = Promise.withResolvers<void>();
    pool.lend = () => {
      pool.emit("enqueue");
      return late.promise;
    };
    const starved = async () => {
      const outcome = check.run(run);
      await clock.advance(1_600);
      return outcome;
    };
    expect(await starved()).toMatchObject({ status: "warn", message: expect.stringContaining("all 1 are in use") });
    await clock.advance(10_000);
    expect(await starved()).toMatchObject({ status: "fail", errorType: "pool_exhausted" });
    await starved();
    await starved();
    late.resolve();
    await clock.advance(0);
    // Three at most were asked for beside the first.
    expect(pool.given).toEqual(["released", "released", "released", "released"]);
    expect(pool.eventNames()).toEqual([]);
    pool.lend = async () => {};
    expect(await check.run(run)).toBeUndefined();
  });

  it.each(["No connections available.", "Queue limit reached."])("takes %j for a full pool", async (message) => {
    const pool = scripted(writable);
    const { run } = context();
    const check = mysql(pool);
    await check.run(run);
    pool.lend = () => Promise.reject(new Error(message));
    expect(await check.run(run)).toMatchObject({ status: "warn" });
    expect(await ask(pool)).toMatchObject({ status: "fail", errorType: "pool_exhausted" });
  });

  it.each([
    ["from 3.4 on", "poolPromise(active=1 idle=0 limit=2)", 2],
    ["that does not tell its limit", "[object Object]", 1],
  ])("takes a mariadb pool %s that gives up for a busy one only if all it has is lent", async (_, words, all) => {
    let active = 0;
    let lend = async (): Promise<object> => ({
      query: async () => writable,
      release: async () => {},
      ping: async () => {},
      destroy: () => {},
    });
    const pool = {
      closed: false,
      activeConnections: () => active,
      taskQueueSize: () => 0,
      getConnection: () => lend(),
      toString: () => words,
    };
    const check = mysql(pool as unknown as MysqlClient);
    const { run } = context();
    expect(await check.run(run)).toBeUndefined();
    lend = () => Promise.reject(error("ER_GET_CONNECTION_TIMEOUT"));
    active = all;
    expect(await check.run(run)).toMatchObject({
      status: "warn",
      message: expect.stringContaining("lent no connection"),
    });
    active = all - 1;
    expect(await check.run(run)).toMatchObject({ status: "fail", errorType: "ER_GET_CONNECTION_TIMEOUT" });
  });

  it("destroys the connection of a run that gives up, and of one that broke", async () => {
    const pool = scripted(new Promise<readonly unknown[]>(() => {}));
    const { run, abort } = context();
    const outcome = ask(pool, {}, run);
    await new Promise(setImmediate);
    abort();
    expect(await outcome).toMatchObject({ status: "fail", message: "deadline" });
    pool.answers = { any: error("PROTOCOL_CONNECTION_LOST", "lost", { fatal: true }) };
    await ask(pool);
    expect(pool.given).toEqual(["destroyed", "destroyed"]);
  });
});

describe("a connection", () => {
  const connectionOf = (answer: Answer) => {
    const connection = new ScriptedConnection();
    const { getConnection } = ScriptedPool.prototype;
    Object.defineProperty(connection, "getConnection", { value: undefined });
    connection.answers = { any: answer };
    return Object.assign(connection, {
      beginTransaction: async () => {},
      destroy: () => {},
      query: async (query: { readonly sql: string }) => (await getConnection.call(connection)).query(query),
    });
  };

  it("is asked, and not more than three times while it does not answer", async () => {
    expect(await ask(connectionOf(writable))).toBeUndefined();
    const connection = connectionOf(new Promise<readonly unknown[]>(() => {}));
    const check = mysql(connection);
    for (let run = 0; run < 5; run++) {
      const { run: given, abort } = context();
      const outcome = check.run(given);
      await new Promise(setImmediate);
      abort();
      expect(await outcome).toMatchObject({ status: "fail", message: "deadline" });
    }
    expect(connection.asked).toHaveLength(3);
    expect(connection.given).toEqual([]);
  });
});
