import { type FaultProxy, startFaultProxy, until } from "@otel-health/testkit";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type Postgres, postgresPrograms, startPostgres } from "../servers/postgres.ts";
import { missing } from "../servers/require-server.ts";
import { type Commanded, startCommanded } from "./commanded.ts";
import type { OrdersCommands, OrdersOptions } from "./orders-process.ts";

const waiting = { timeoutMs: 60_000, everyMs: 50 };

describe.skipIf(missing(...postgresPrograms))("a passive check of a real PostgreSQL", () => {
  const stack = new AsyncDisposableStack();
  let postgres: Postgres;
  let proxy: FaultProxy;

  vi.setConfig({ testTimeout: 120_000 });

  beforeAll(async () => {
    postgres = stack.use(await startPostgres());
    proxy = stack.use(await startFaultProxy({ target: { host: "127.0.0.1", port: postgres.port } }));
    await postgres.query(
      "CREATE SEQUENCE passive_pings; CREATE SEQUENCE active_pings; CREATE TABLE orders (id int PRIMARY KEY); INSERT INTO orders VALUES (1)",
    );
  });
  beforeEach(() => proxy.setMode("pass"));
  afterAll(() => stack.disposeAsync());

  const start = (passive: OrdersOptions["passive"], sampling: OrdersOptions["sampling"] = "on") =>
    startCommanded<OrdersCommands>("orders-process.ts", {
      port: proxy.port,
      sampling,
      passive,
    } satisfies OrdersOptions);

  /** Pings that have reached the server itself. */
  async function pings(of: "passive" | "active"): Promise<number> {
    const [row] = await postgres.query(`SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS n FROM ${of}_pings`);
    return Number(row?.["n"]);
  }

  async function untilPassive(orders: Commanded<OrdersCommands>, status: string, more = async () => {}) {
    const report = async () => {
      await more();
      const report = await orders.ask("report");
      return report.passive.status === status && report;
    };
    return until(report, { ...waiting, describe: () => `passive is ${status}: ${orders.output.slice(-1_000)}` });
  }

  it("sends the server no ping while traffic flows, however often it runs", async () => {
    await using orders = await start({ intervalMs: 100, jitter: 0, windowMs: 5_000 });
    await untilPassive(orders, "healthy");
    await orders.ask("flow", 50, "SELECT 1");
    const before = await pings("passive");
    const seen = new Set<number | null>();
    await until(
      async () => {
        await orders.ask("flow", 20, "SELECT 1");
        const { passive } = await orders.ask("report");
        expect(passive.message).toMatch(/^0 of \d+ calls failed in 5 s$/);
        seen.add(passive.checkedAt);
        return seen.size >= 10;
      },
      { ...waiting, describe: "ten runs" },
    );
    expect(await pings("passive")).toBe(before);
    // And is not blind to them: once the window is empty it asks.
    await until(async () => (await pings("passive")) > before, { ...waiting, describe: "a ping" });
  });

  it("sees an outage before a check that pings has even looked", async () => {
    await using orders = await start({ windowMs: 1_000 });
    await orders.ask("flow", 200, "SELECT 1");
    // From now on the other one has its whole interval to its next run.
    await orders.ask("refresh");
    const before = await orders.ask("report");
    expect([before.passive.status, before.active.status]).toEqual(["healthy", "healthy"]);
    await proxy.setMode("refuse");
    const after = await untilPassive(orders, "unhealthy", async () => {
      const ends = await orders.ask("flow", 20, "SELECT 1");
      expect(Object.keys(ends)).not.toContain("ok");
    });
    expect(after.active).toMatchObject({
      status: "healthy",
      consecutiveFailures: 0,
      checkedAt: before.active.checkedAt,
    });
    expect(after.transitions.at(-1)).toMatchObject({ name: "passive", activeCheckedAt: before.active.checkedAt });
    expect(after.passive.message).toMatch(/^\d+ of \d+ calls failed in 1 s \(ECONNREFUSED\)$/);
    expect(after.passive.errorType).toBe("ECONNREFUSED");
  });

  it("never alarms at one error in a thousand, nor at a thousand that are the application's own", async () => {
    await using orders = await start({ windowMs: 600_000, intervalMs: 200, maxErrorRatio: 0.01 });
    await untilPassive(orders, "healthy");
    for (let round = 0; round < 2; round++) {
      await orders.ask("flow", 999, "SELECT 1");
      expect(await orders.ask("flow", 1, "SELECT pg_terminate_backend(pg_backend_pid())")).toEqual({ "57P01": 1 });
    }
    expect(await orders.ask("flow", 500, "INSERT INTO orders VALUES (1)")).toEqual({ 23505: 500 });
    await orders.ask("refresh");
    const { passive, transitions } = await orders.ask("report");
    // A span for the connect to the pool, and one for the statement.
    expect(passive.message).toMatch(/^[2-4] of [45]\d{3} calls failed in 600 s \(57P01\)$/);
    expect(transitions.filter(({ name }) => name === "passive").map(({ state }) => state)).toEqual(["healthy"]);
  });

  it("hands over to its ping when traffic stops, and is brought back by it without a single call", async () => {
    await using orders = await start({ windowMs: 1_000, intervalMs: 300 });
    await orders.ask("flow", 200, "SELECT 1");
    const judged = await untilPassive(orders, "healthy", () => orders.ask("refresh").then(() => {}));
    expect(judged.passive.message).toMatch(/^(0 of \d+ calls failed|active: passed)/);
    await postgres.stop();
    const out = await untilPassive(orders, "unhealthy");
    expect(out.passive.message).toMatch(/^active: /);
    await postgres.start();
    const back = await untilPassive(orders, "healthy");
    // The window may still hold calls where all of that took less than a second.
    expect(back.passive.message).toMatch(/^active: passed \(no call(?:s in 1 s| has ended for [\d.]+ m?s)\)$/);
  });

  it("is brought back at once after an outage that the traffic told of, whatever the window still holds", async () => {
    await using orders = await start({ windowMs: 20_000, intervalMs: 300, maxErrorRatio: 0.1 });
    await orders.ask("flow", 100, "SELECT 1");
    await proxy.setMode("refuse");
    const out = await untilPassive(orders, "unhealthy", () => orders.ask("flow", 50, "SELECT 1").then(() => {}));
    expect(out.passive.message).toMatch(/^\d+ of \d+ calls failed in 20 s \(ECONNREFUSED\)$/);
    // Out of rotation: no call from now on.
    await proxy.setMode("pass");
    const back = await untilPassive(orders, "healthy");
    expect(back.passive.message).toMatch(/^active: passed \(no call has (failed|ended) for/);
    await orders.ask("flow", 20, "SELECT 1");
    await orders.ask("refresh");
    expect((await orders.ask("report")).passive.message).toMatch(/^0 of \d\d calls failed in 20 s$/);
  });

  it("asks its ping where calls hang, and fails with it", async () => {
    await using orders = await start({ intervalMs: 60_000, timeoutMs: 300, windowMs: 60_000 });
    await orders.ask("flow", 100, "SELECT 1");
    await orders.ask("refresh");
    await proxy.setMode("hang");
    await orders.ask("begin", "SELECT 1");
    const out = await untilPassive(orders, "unhealthy");
    expect(out.passive.message).toMatch(/^active: no answer within|^no answer within 300 ms/);
    await proxy.setMode("pass");
    await untilPassive(orders, "healthy");
  });

  it("counts none of health's own calls, not even those that are traced since they fail", async () => {
    await using orders = await start({ intervalMs: 200, windowMs: 2_000 });
    await untilPassive(orders, "healthy");
    await proxy.setMode("refuse");
    const out = await untilPassive(orders, "unhealthy");
    expect(out.passive.message).toMatch(/^active: .*\(no calls in 2 s\)$/);
    // Spans of the runs that failed, and what they asked.
    expect(out.exported).toBeGreaterThan(0);
  });

  it.each([
    ["on", /^0 of \d+ calls failed/, true],
    ["off", /^active: passed \(no calls in 10 s/, false],
    ["record only", /^0 of \d+ calls failed/, false],
  ] as const)("where sampling is %s", async (sampling, message, exports) => {
    await using orders = await start({}, sampling);
    await untilPassive(orders, "healthy");
    await orders.ask("flow", 100, "SELECT 1");
    await orders.ask("refresh");
    const { passive, exported } = await orders.ask("report");
    expect(passive.message).toMatch(message);
    expect(exported > 0).toBe(exports);
  });
});
