import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { type Child, startChild, startFaultProxy } from "@otel-health/testkit";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const startDatabase = () =>
  startChild({
    command: process.execPath,
    args: [join(import.meta.dirname, "../database.ts"), "--port", "0"],
    ready: /^listening on /,
    readyTimeoutMs: 50_000,
  });

const urlOf = ({ stdout }: Child) => new URL(stdout.join().slice("listening on ".length));

let database: Child;
let url: URL;

beforeAll(async () => {
  database = await startDatabase();
  url = urlOf(database);
});
afterAll(() => database.stop());

/** Four connections, as the example has. An error on an idle one is expected here: the proxy kills them. */
function openPool(port = Number(url.port)) {
  const pool = new pg.Pool({
    host: "127.0.0.1",
    port,
    user: "postgres",
    database: "postgres",
    max: 4,
    query_timeout: 5000,
  });
  pool.on("error", () => {});
  return Object.assign(pool, { [Symbol.asyncDispose]: () => pool.end() });
}

/** Four parametrised queries at a time on four connections, a few times, each with an answer of its own. */
async function expectRightAnswers(pool: pg.Pool) {
  const numbers = Array.from({ length: 16 }, (_, index) => index);
  const answers = await Promise.all(
    numbers.map((n) =>
      n % 2 ? pool.query("select $1::int as n", [n]) : pool.query("select $1::int as n, $2::text as t", [n, "x"]),
    ),
  );
  expect(answers.map(({ rows }) => rows[0]?.n)).toEqual(numbers);
}

/** A client that has sent the start-up message and got ReadyForQuery, and speaks the protocol by hand. */
async function openRaw() {
  const socket = connect(Number(url.port), url.hostname);
  const parameters = Buffer.from("user\0postgres\0database\0postgres\0\0");
  const head = Buffer.alloc(8);
  head.writeInt32BE(8 + parameters.length, 0);
  head.writeInt32BE(196608, 4);
  socket.write(Buffer.concat([head, parameters]));
  let received = Buffer.alloc(0);
  const isReady = () => received.subarray(-6, -1).equals(Buffer.from("Z\0\0\0\x05", "latin1"));
  while (!isReady()) received = Buffer.concat([received, (await once(socket, "data"))[0] as Buffer]);
  return socket;
}

function message(type: string, body: string): Buffer {
  const head = Buffer.alloc(5, type);
  head.writeInt32BE(4 + Buffer.byteLength(body), 1);
  return Buffer.concat([head, Buffer.from(body)]);
}

describe("database.ts", () => {
  it("says where it listens, in a form that pg takes", async () => {
    expect(database.stdout).toEqual([`listening on postgres://postgres@127.0.0.1:${url.port}/postgres`]);
    const client = new pg.Client({ connectionString: url.href });
    await client.connect();
    expect((await client.query("select version()")).rows[0].version).toMatch(/^PostgreSQL 1\d/);
    await client.end();
  });

  it("gives each query of a pool its own answer", async () => {
    await using pool = openPool();
    for (let round = 0; round < 5; round += 1) await expectRightAnswers(pool);
    expect(pool.totalCount).toBe(4);
    await expect(pool.query("select 1 / $1::int", [0])).rejects.toThrow("division by zero");
    await expectRightAnswers(pool);
  });

  it("gives each of those who waited for a transaction its own answer", async () => {
    await using pool = openPool();
    await using others = openPool();
    await expectRightAnswers(others);
    for (let round = 0; round < 10; round += 1) {
      const client = await pool.connect();
      await client.query("begin");
      const answers = expectRightAnswers(others);
      for (let n = 0; n < 5; n += 1) expect((await client.query("select $1::int as n", [n])).rows).toEqual([{ n }]);
      await client.query(round % 2 ? "commit" : "rollback");
      client.release();
      await answers;
    }
  });

  it("keeps transactions of several connections apart", async () => {
    await using pool = openPool();
    await pool.query("create table account (id int primary key, balance int)");
    await pool.query("insert into account values (1, 0)");
    const add = async (amount: number, end: string) => {
      const client = await pool.connect();
      try {
        await client.query("begin");
        const { rows } = await client.query("select balance from account where id = $1", [1]);
        await client.query("update account set balance = $1 where id = $2", [rows[0].balance + amount, 1]);
        await client.query(end);
      } finally {
        client.release();
      }
    };
    await Promise.all([
      add(1, "commit"),
      add(10, "rollback"),
      add(100, "commit"),
      add(1000, "rollback"),
      add(10_000, "commit"),
    ]);
    expect((await pool.query("select balance from account")).rows).toEqual([{ balance: 10_101 }]);
  });

  it("answers on, and rolls back, after connections were reset in the middle of their work", async () => {
    await using proxy = await startFaultProxy({ target: { host: "127.0.0.1", port: Number(url.port) } });
    await using direct = openPool();
    await using pool = openPool(proxy.port);
    await direct.query("create table torn (n int)");
    for (let round = 0; round < 10; round += 1) {
      await expectRightAnswers(pool);
      const client = await pool.connect();
      client.on("error", () => {});
      await client.query("begin");
      await client.query("insert into torn values ($1)", [round]);
      // These wait for the transaction's end, like every other client of the one session.
      const counted = direct.query("select count(*)::int as count from torn");
      const waiting = expectRightAnswers(direct);
      const inFlight = [
        client.query("insert into torn values (-1)"),
        ...[1, 2, 3].map((n) => pool.query("select $1::int", [n])),
      ];
      const settled = Promise.allSettled(inFlight);
      await proxy.setMode("reset");
      await settled;
      client.release(true);
      expect((await counted).rows).toEqual([{ count: 0 }]);
      await waiting;
      await proxy.setMode("pass");
      await expectRightAnswers(pool);
    }
    expect((await direct.query("select count(*)::int as count from torn")).rows).toEqual([{ count: 0 }]);
  });

  it.each([
    ["between Parse and Bind", [message("P", "\0select $1::int as n\0\0\0"), message("H", "")]],
    ["between a Parse that failed and Sync", [message("P", "\0selec nonsense\0\0\0"), message("H", "")]],
    ["in the middle of a message", [message("Q", "select 1\0"), message("Q", "select 2\0").subarray(0, 7)]],
    ["with a transaction open", [message("Q", "begin\0")]],
    ["with a failed transaction open", [message("Q", "begin; nonsense\0")]],
  ])("answers others after a client was reset %s", async (_, sent) => {
    await using pool = openPool();
    const broken = await openRaw();
    broken.write(Buffer.concat(sent));
    // It has its turn now.
    await once(broken, "data");
    const others = expectRightAnswers(pool);
    broken.resetAndDestroy();
    await others;
    await expectRightAnswers(pool);
  });

  it("lets those go on who waited for a client that was reset", async () => {
    await using pool = openPool();
    await pool.query("select 1");
    const broken = await openRaw();
    const exchange = async (query: string) => {
      broken.write(message("Q", `${query}\0`));
      await once(broken, "data");
    };
    await exchange("begin");
    const waiting = pool.query("select $1::int as n", [7]);
    // By then the query has arrived, and nothing but the rollback is left to set it going.
    for (let count = 0; count < 20; count += 1) await exchange("select 1");
    broken.resetAndDestroy();
    expect((await waiting).rows).toEqual([{ n: 7 }]);
  });

  it("declines SSL", async () => {
    const client = new pg.Client({ connectionString: url.href, ssl: true });
    await expect(client.connect()).rejects.toThrow("The server does not support SSL connections");
    await using pool = openPool();
    await expectRightAnswers(pool);
  });

  it.each(["SIGTERM", "the end of its stdin"])("exits with 0 on %s, connections open or not", async (how) => {
    await using child = await startDatabase();
    const client = new pg.Client({ connectionString: urlOf(child).href });
    client.on("error", () => {});
    await client.connect();
    if (how === "SIGTERM") void child.stop();
    else child.endInput();
    expect(await child.exited).toEqual({ code: 0, signal: null });
    expect(child.stderr).toEqual([]);
    await client.end();
  });
});
