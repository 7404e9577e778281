import { fail, type Outcome, type RunContext } from "@otel-health/core";
import { FakeClock, settle } from "@otel-health/core/testing";
import { beforeEach, describe, expect, it } from "vitest";
import type { PoolUse } from "../../src/pool/patience.ts";
import { PoolAsker } from "../../src/pool/pool-asker.ts";

let clock: FakeClock;
let use: PoolUse;
let lent: PromiseWithResolvers<string>[];
let back: (readonly [connection: string, broken: boolean])[];
let asker: PoolAsker<string>;

beforeEach(() => {
  clock = new FakeClock();
  use = { max: 10, used: 0, waiting: 0 };
  lent = [];
  back = [];
  asker = new PoolAsker(
    {
      use: () => use,
      borrow() {
        const connection = Promise.withResolvers<string>();
        lent.push(connection);
        return connection.promise;
      },
      giveBack: (connection, broken) => back.push([connection, broken]),
    },
    30_000,
  );
});

function run(question: (connection: string) => Promise<Outcome | undefined> = async () => undefined) {
  const controller = new AbortController();
  const context: RunContext = { signal: controller.signal, clock, timeoutMs: 2_000 };
  const outcome = asker.ask(context, question);
  outcome.catch(() => {});
  return { outcome, abort: () => controller.abort(new Error("the deadline")) };
}

async function passOnce() {
  const { outcome } = run();
  lent.pop()?.resolve("c0");
  expect(await outcome).toBeUndefined();
  back.length = 0;
}

describe("PoolAsker", () => {
  it("asks through a connection and gives it back whole", async () => {
    await passOnce();
    const { outcome } = run(async (connection) => fail(`${connection} says no`));
    lent[0]?.resolve("c1");
    expect(await outcome).toMatchObject({ status: "fail", message: "c1 says no" });
    expect(back).toEqual([["c1", false]]);
  });

  it("closes the connection of a question that failed", async () => {
    const { outcome } = run(() => Promise.reject(new Error("reset")));
    lent[0]?.resolve("c1");
    await expect(outcome).rejects.toThrow("reset");
    expect(back).toEqual([["c1", true]]);
  });

  it("closes the connection of a question that was given up", async () => {
    const { outcome, abort } = run(() => new Promise(() => {}));
    lent[0]?.resolve("c1");
    await settle();
    abort();
    await expect(outcome).rejects.toThrow("the deadline");
    expect(back).toEqual([["c1", true]]);
  });

  it("closes what the pool opened for a run that has given up", async () => {
    const { outcome, abort } = run();
    abort();
    await expect(outcome).rejects.toThrow("the deadline");
    lent[0]?.resolve("late");
    await settle();
    expect(back).toEqual([["late", true]]);
  });

  it("gives another's connection back whole to a pool that was full", async () => {
    use = { max: 10, used: 10, waiting: 0 };
    const { outcome } = run();
    await clock.advance(1_600);
    expect(await outcome).toMatchObject({ status: "fail", errorType: "pool_exhausted" });
    lent[0]?.resolve("another's");
    await settle();
    expect(back).toEqual([["another's", false]]);
  });

  it("warns of a pool that made it wait, though it answered", async () => {
    use = { max: 10, used: 10, waiting: 4 };
    const { outcome } = run();
    lent[0]?.resolve("c1");
    expect(await outcome).toMatchObject({
      status: "warn",
      message: "all 10 connections of the pool were in use, 4 callers waiting",
    });
  });

  it("only warns of a full pool that lends nothing, for as long as the last good answer is young", async () => {
    await passOnce();
    use = { max: 10, used: 10, waiting: 5 };
    const starve = async () => {
      const { outcome } = run();
      await clock.advance(1_600);
      return outcome;
    };
    expect(await starve()).toMatchObject({
      status: "warn",
      // The fifth is its own.
      message: "the pool lent no connection: all 10 are in use, 4 callers waiting",
    });
    await clock.advance(30_000 - 3_200);
    expect(await starve()).toMatchObject({ status: "warn" });
    await clock.advance(1);
    expect(await starve()).toMatchObject({ status: "fail", errorType: "pool_exhausted" });
  });

  it("does not excuse a full pool after a failure: calls that hang hold their connections just like that", async () => {
    await passOnce();
    const { outcome } = run(() => Promise.reject(new Error("reset")));
    lent.pop()?.resolve("c1");
    await expect(outcome).rejects.toThrow("reset");
    use = { max: 10, used: 10, waiting: 1 };
    const starved = run().outcome;
    await clock.advance(1_600);
    expect(await starved).toMatchObject({ status: "fail", errorType: "pool_exhausted" });
  });

  it("lets a pool that has room take the run's whole time to open a connection", async () => {
    const { outcome, abort } = run();
    await clock.advance(1_999);
    await settle();
    abort();
    await expect(outcome).rejects.toThrow("the deadline");
  });

  it("leaves no timer behind", async () => {
    use = { max: 1, used: 1, waiting: 0 };
    const { outcome } = run();
    lent[0]?.resolve("c1");
    await outcome;
    expect(clock.armed).toBe(0);
  });
});
