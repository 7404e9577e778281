import { type MemcachedClient, type MemcachedStats, memcached } from "@otel-health/checks/memcached";
import { type FunctionCheck, isHealthError } from "@otel-health/core";
import { FakeClock, settle } from "@otel-health/core/testing";
import { Client } from "memjs";
import { beforeEach, describe, expect, it } from "vitest";
import { complaint, outcomeOf, Running } from "../running.ts";

type Answer = (callback: (error: unknown, server: string, stats: MemcachedStats | null) => void) => void;

const good = { pid: "7", accepting_conns: "1" };
const answers =
  (stats: unknown, server = "one"): Answer =>
  (callback) =>
    callback(null, server, stats as MemcachedStats);
const fails =
  (error: unknown, server = "one"): Answer =>
  (callback) =>
    callback(error, server, null);
const silent: Answer = () => {};

/** A client with a server for each answer. */
class Scripted implements MemcachedClient {
  asked = 0;
  readonly servers: readonly Answer[];

  constructor(...servers: readonly Answer[]) {
    this.servers = servers;
  }
  stats(callback: Parameters<Answer>[0]): void {
    this.asked++;
    for (const server of this.servers) server(callback);
  }
  statsWithKey(): void {}
}

describe("memcached()", () => {
  it("asks each server once", async () => {
    const client = new Scripted(answers(good), answers(good, "two"));
    expect(await outcomeOf(memcached(client))).toBeUndefined();
    expect(client.asked).toBe(1);
  });

  it("is a dependency's check, with a hint for silence", () => {
    expect(memcached(new Scripted())).toMatchObject({ external: true, hint: expect.stringContaining("server") });
  });

  it.each<[string, readonly Answer[], object]>([
    [
      "a server that fails",
      [fails(Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" }))],
      { status: "fail", errorType: "ECONNREFUSED", hint: expect.any(String) },
    ],
    [
      "an error that is a string",
      [fails("Memcached server authentication failed!")],
      { status: "fail", errorType: "authentication", fault: "fatal" },
    ],
    [
      "the client's own timeout",
      [fails(new Error("socket timed out waiting on response."))],
      { status: "fail", errorType: "timeout", hint: expect.any(String) },
    ],
    [
      "the client's own timeout while it connects",
      [fails(new Error("socket timed out connecting to server."))],
      { status: "fail", errorType: "connect_timeout", hint: expect.any(String) },
    ],
    ["all servers gone", [fails(new Error("a")), fails(new Error("b"), "two")], { status: "fail" }],
    [
      "one of two servers gone",
      [answers(good), fails(new Error("b"), "two")],
      { status: "warn", message: "1 of 2 servers do not answer" },
    ],
    [
      "a server that is full",
      [answers({ ...good, accepting_conns: "0" }), answers(good, "two")],
      { status: "warn", message: "1 of 2 servers refuse connections" },
    ],
    ["no servers", [], { status: "fail", message: "the client has no servers" }],
    ["no stats", [answers({})], { status: "fail", message: "the server's answer is not what memcached would answer" }],
    ["null", [answers(null)], { status: "fail" }],
    ["nothing at all", [answers(undefined)], { status: "fail" }],
    [
      "a throw",
      [
        () => {
          throw undefined;
        },
      ],
      { status: "fail" },
    ],
  ])("judges %s", async (_what, servers, expected) => {
    expect(await outcomeOf(memcached(new Scripted(...servers)))).toMatchObject(expected);
  });

  it("says which did not answer while there is time left for it", async () => {
    const run = new Running(memcached(new Scripted(answers(good), silent)));
    await run.clock.advance(1_600);
    expect(await run.outcome).toMatchObject({ status: "warn", message: "1 of 2 servers do not answer" });
    const bad = new Running(memcached(new Scripted(fails(new Error("refused")), silent)));
    await bad.clock.advance(1_600);
    expect(await bad.outcome).toMatchObject({ status: "fail", message: "refused" });
    const none = new Running(memcached(new Scripted(silent, silent)));
    await none.clock.advance(1_600);
    expect(await none.outcome).toMatchObject({ status: "fail", errorType: "timeout" });
    expect(none.clock.armed).toBe(0);
  });

  describe("with a late answer to the run before", () => {
    /** What the servers are yet to answer, a question each. */
    let asked: ((server: string) => void)[];
    let clock: FakeClock;
    let check: FunctionCheck;
    beforeEach(() => {
      asked = [];
      clock = new FakeClock();
    });
    const hear: Answer = (callback) => {
      asked.push((server) => callback(null, server, good));
    };
    const giveUp = async (run: Running, ms: number) => {
      await clock.advance(ms);
      run.abort();
      return run.outcome;
    };

    it("does not take two answers of one server for those of two", async () => {
      check = memcached(Object.assign(new Scripted(silent, silent), { stats: hear }));
      const first = new Running(check, clock);
      asked[0]?.("one");
      expect(await giveUp(first, 1_600)).toMatchObject({ status: "warn", message: "1 of 2 servers do not answer" });
      const second = new Running(check, clock);
      asked[1]?.("one");
      await clock.advance(500);
      // That completes the first question, which took too long: one more is asked.
      asked[0]?.("two");
      await settle();
      expect(asked).toHaveLength(3);
      asked[2]?.("one");
      expect(await giveUp(second, 1_100)).toMatchObject({ status: "warn", message: "1 of 2 servers do not answer" });
    });

    it("forgets nothing that was answered before", async () => {
      check = memcached(Object.assign(new Scripted(silent, silent), { stats: hear }));
      await giveUp(new Running(check, clock), 1_600);
      const second = new Running(check, clock);
      asked[1]?.("one");
      await clock.advance(1_500);
      for (const server of ["one", "two"]) asked[0]?.(server);
      await settle();
      expect(asked).toHaveLength(3);
      expect(await giveUp(second, 100)).toMatchObject({ status: "warn", message: "1 of 2 servers do not answer" });
    });

    it("has no question out once all are answered", async () => {
      check = memcached(Object.assign(new Scripted(silent), { stats: hear }));
      for (let i = 0; i < 4; i++) {
        const before = asked.length;
        expect(await giveUp(new Running(check, clock), 2_000)).toMatchObject({ errorType: "timeout" });
        await clock.advance(1);
        const next = new Running(check, clock);
        asked[before]?.("one");
        await settle();
        // Its own, and one more after the late answer.
        expect(asked).toHaveLength(before + 3);
        asked[before + 1]?.("one");
        expect(await next.outcome).toBeUndefined();
        asked[before + 2]?.("one");
        await settle();
      }
    });
  });

  it("warns of connections that a server has refused since it was asked last", async () => {
    let refused = "5";
    const check = memcached(
      new Scripted((callback) => callback(null, "one", { ...good, rejected_connections: refused })),
    );
    expect(await outcomeOf(check)).toBeUndefined();
    refused = "6";
    expect(await outcomeOf(check)).toMatchObject({ status: "warn", hint: expect.stringContaining("-c") });
    expect(await outcomeOf(check)).toBeUndefined();
    // It was started again.
    refused = "0";
    expect(await outcomeOf(check)).toBeUndefined();
  });

  it("settles when its signal fires, and leaves no more than three questions", async () => {
    const client = new Scripted(silent);
    const check = memcached(client);
    const clock = new FakeClock();
    for (let i = 0; i < 6; i++) {
      const run = new Running(check, clock);
      await settle();
      run.abort();
      expect(await run.outcome).toMatchObject({ status: "fail", errorType: "timeout" });
    }
    expect(client.asked).toBe(3);
    expect(clock.armed).toBe(0);
  });

  it("takes a Client of memjs", () => {
    expect(memcached(Client.create("127.0.0.1:1"))).toMatchObject({ external: true });
  });

  it.each<[unknown, object, string]>([
    [undefined, {}, "got undefined; create the client before the check"],
    ["127.0.0.1:11211", {}, "a Client of memjs"],
    [new Map(), {}, "got an instance of Map"],
    [{ stats() {}, statsWithKey() {} }, {}, "got an object"],
    [new Scripted(), { role: "any" }, "role"],
    [new Scripted(), { timeoutMs: -1 }, "timeoutMs"],
  ])("refuses %o with %j", (client, options, expected) => {
    const call = () => memcached(client as MemcachedClient, options);
    expect(complaint(call)).toContain(expected);
    expect(call).toThrow(expect.toSatisfy(isHealthError));
  });
});
