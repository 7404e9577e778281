import { type SqlOptions, sql } from "@otel-health/checks/sql";
import { FakeClock, settle } from "@otel-health/core/testing";
import { describe, expect, expectTypeOf, it } from "vitest";
import { complaint, outcomeOf, Running } from "../running.ts";

const failing = (error: unknown) => outcomeOf(sql(() => Promise.reject(error)));
const coded = (code: string, more: object = {}) => Object.assign(new Error("said"), { code, ...more });

describe("options", () => {
  it.each([
    [undefined, {}, /query of sql\(\) must be a function that runs a query/],
    [Promise.resolve(), {}, /query of sql\(\) must be a function/],
    [async () => 1, { expect: 1 }, /expect of sql\(\) must be a function, got 1/],
    [async () => 1, { role: "primary" }, /role/],
  ])("refuses %o with %o", (query, options, message) => {
    expect(complaint(() => sql(query as never, options as SqlOptions))).toMatch(message);
  });

  it("is of something outside, and not for liveness", () => {
    expect(sql(async () => 1)).toMatchObject({ external: true, hint: expect.stringContaining("pool") });
    expect(complaint(() => sql(async () => 1, { probes: ["liveness"] }))).toMatch("cannot count for liveness");
  });

  it("types what is expected by what the query returns", () => {
    const rows = async () => [{ n: 1 }];
    expectTypeOf<Parameters<typeof sql<Awaited<ReturnType<typeof rows>>>>[1]>().toEqualTypeOf<
      SqlOptions<{ n: number }[]> | undefined
    >();
    sql(rows, { expect: ([row]) => row?.n === 1 });
  });
});

describe("an answer", () => {
  it.each([[undefined], [null], [0], [[]]])("%o is one", async (result) => {
    expect(await outcomeOf(sql(async () => result))).toBeUndefined();
  });

  it("is waited for where the query is lazy", async () => {
    let sent = 0;
    const lazy = {
      // biome-ignore lint/suspicious/noThenProperty: that is what a lazy query is
      then: (resolve: (value: number) => void) => {
        sent += 1;
        resolve(1);
      },
    };
    expect(await outcomeOf(sql(() => lazy as PromiseLike<number>))).toBeUndefined();
    expect(sent).toBe(1);
  });

  it.each([[undefined], [{ execute() {} }], [[1]], [null]])("%o, without a promise, is none", async (returned) => {
    expect(await outcomeOf(sql(() => returned as never))).toMatchObject({
      status: "fail",
      errorType: "no_promise",
      fault: "persistent",
    });
  });

  it.each([
    [true, undefined],
    [false, "unexpected_result"],
    [1 as never, "no_verdict"],
    [Promise.resolve(true) as never, "no_verdict"],
  ])("where expect says %o", async (said, errorType) => {
    const outcome = await outcomeOf(sql(async () => 1, { expect: () => said }));
    expect(outcome?.errorType).toBe(errorType);
  });

  it("fails where expect throws", async () => {
    const check = sql(async () => [] as { n: number }[], { expect: (rows) => (rows[0] as { n: number }).n === 1 });
    expect(await outcomeOf(check)).toMatchObject({ status: "fail", errorType: "TypeError" });
  });

  it("fails where the function throws at once", async () => {
    const check = sql(() => {
      throw coded("ECONNREFUSED");
    });
    expect(await outcomeOf(check)).toMatchObject({ status: "fail", errorType: "ECONNREFUSED" });
  });
});

describe("a run that gives up", () => {
  it("hands the signal on, and leaves at most three queries behind", async () => {
    const signals: AbortSignal[] = [];
    const check = sql((signal) => {
      signals.push(signal);
      return new Promise(() => {});
    });
    const clock = new FakeClock();
    for (let run = 0; run < 5; run++) {
      const running = new Running(check, clock);
      await settle();
      running.abort();
      expect(await running.outcome).toMatchObject({ status: "fail", errorType: "timeout" });
    }
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true, true]);
  });
});

describe("what an error means", () => {
  it.each([
    ["PostgreSQL's", coded("28P01"), "28P01", "fatal"],
    ["MySQL's", coded("ER_BAD_DB_ERROR"), "ER_BAD_DB_ERROR", "fatal"],
    ["the network's", coded("ECONNREFUSED"), "ECONNREFUSED", undefined],
    ["a certificate's", coded("CERT_HAS_EXPIRED"), "CERT_HAS_EXPIRED", "persistent"],
    ["Drizzle's wrapper", new Error("Failed query", { cause: coded("3D000") }), "3D000", "fatal"],
    [
      "Sequelize's wrapper",
      Object.assign(new Error("x"), {
        name: "SequelizeConnectionError",
        parent: coded("28P01"),
        original: coded("28P01"),
      }),
      "28P01",
      "fatal",
    ],
    [
      "TypeORM's wrapper",
      Object.assign(new Error("x"), { name: "QueryFailedError", driverError: coded("57P03") }),
      "57P03",
      undefined,
    ],
    [
      "pg's without a code",
      new Error("x", { cause: new Error("Connection terminated unexpectedly") }),
      "connection_terminated",
      undefined,
    ],
    [
      "Prisma's at the start",
      Object.assign(new Error("x"), { name: "PrismaClientInitializationError", errorCode: "P1000" }),
      "P1000",
      "fatal",
    ],
    ["Prisma's of a query", coded("P1001", { name: "PrismaClientKnownRequestError" }), "P1001", undefined],
    ["Prisma's pool", coded("P2024"), "pool_exhausted", undefined],
    ["Knex' pool", Object.assign(new Error("x"), { name: "KnexTimeoutError" }), "pool_exhausted", undefined],
  ])("%s", async (_, error, errorType, fault) => {
    const outcome = await failing(error);
    expect(outcome).toMatchObject({ status: "fail", errorType, hint: expect.stringMatching(/\w/) });
    expect(outcome?.fault).toBe(fault);
  });

  it("keeps the code of an unknown driver, and nothing that is none", async () => {
    const wrapped = (code: string) => Object.assign(new Error("x"), { name: "Wrapper", original: coded(code) });
    expect(await failing(wrapped("SQLITE_BUSY"))).toMatchObject({ errorType: "SQLITE_BUSY" });
    expect(await failing(wrapped("host-17 said no"))).toMatchObject({ errorType: "Wrapper" });
    expect(await failing(wrapped("constructor"))).toMatchObject({ errorType: "Wrapper" });
  });

  it("ends where causes go round, and is a failure whatever is thrown", async () => {
    const round: { cause?: unknown } & Error = new Error("round");
    round.cause = Object.assign(new Error("and"), { cause: round });
    expect(await failing(round)).toMatchObject({ status: "fail", errorType: "Error" });
    for (const thrown of [undefined, null, 1, "x", {}]) expect(await failing(thrown)).toMatchObject({ status: "fail" });
  });
});
