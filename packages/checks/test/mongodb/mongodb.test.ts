import { EventEmitter } from "node:events";
import { type MongodbClient, type MongodbOptions, mongodb } from "@otel-health/checks/mongodb";
import { isHealthError } from "@otel-health/core";
import { FakeClock, settle } from "@otel-health/core/testing";
import { MongoClient } from "mongodb";
import { describe, expect, it, vi } from "vitest";
import { complaint, outcomeOf, Running } from "../running.ts";

const primary = { ok: 1, isWritablePrimary: true };
const secondary = { ok: 1, isWritablePrimary: false, secondary: true };

type Command = (
  command: object,
  options: { readonly signal: AbortSignal; readonly readPreference: string },
) => Promise<unknown>;

class Scripted extends EventEmitter {
  readonly command: ReturnType<typeof vi.fn<Command>>;

  constructor(answer: Command) {
    super();
    this.command = vi.fn<Command>(answer);
  }
  db() {
    return { command: this.command };
  }
  connect(): void {}
  startSession(): void {}
}
const scripted = (answer: Command) => new Scripted(answer) as Scripted & MongodbClient;
const answering = (hello: unknown) => scripted(async () => hello);
const silence = () => new Promise<never>(() => {});
const refused = () =>
  Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:27017"), {
    name: "MongoNetworkError",
    cause: Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:27017"), { code: "ECONNREFUSED" }),
  });

describe("mongodb()", () => {
  it.each([
    ["primary", "primary", primary],
    ["secondary", "secondary", secondary],
    ["any", "nearest", secondary],
  ] as const)("says hello once, to a member for role %s", async (role, readPreference, hello) => {
    const client = answering(hello);
    expect(await outcomeOf(mongodb(client, { role }))).toBeUndefined();
    expect(client.command).toHaveBeenCalledExactlyOnceWith({ hello: 1 }, expect.objectContaining({ readPreference }));
    expect(client.eventNames()).toEqual([]);
  });

  it("is a dependency's check, with a hint for silence", () => {
    expect(mongodb(answering(primary))).toMatchObject({ external: true, hint: expect.stringContaining("primary") });
  });

  it.each<[string, unknown, MongodbOptions, object | undefined]>([
    ["a primary", primary, {}, undefined],
    ["a secondary in place of the primary", secondary, {}, { status: "fail", errorType: "not_primary" }],
    ["a primary in place of a secondary", primary, { role: "secondary" }, { status: "warn" }],
    [
      "an arbiter",
      { ...secondary, secondary: false, arbiterOnly: true },
      { role: "any" },
      { status: "fail", errorType: "not_serving" },
    ],
    [
      "one that recovers",
      { ...secondary, secondary: false },
      { role: "any" },
      { status: "fail", errorType: "not_serving" },
    ],
    [
      "one that is new",
      { ...secondary, isreplicaset: true },
      { role: "any" },
      { status: "fail", errorType: "not_initiated", fault: "persistent" },
    ],
    [
      "one that says nothing of itself",
      { ok: 1, isWritablePrimary: false },
      { role: "any" },
      { status: "fail", errorType: "not_serving" },
    ],
    ["nothing", undefined, {}, { status: "fail" }],
    ["null", null, {}, { status: "fail" }],
    ["what is not ok", { ...primary, ok: 0 }, {}, { status: "fail" }],
    ["what is no hello", { ok: 1 }, { role: "any" }, { status: "fail" }],
  ])("judges %s", async (_what, hello, options, expected) => {
    const outcome = await outcomeOf(mongodb(answering(hello), options));
    if (expected === undefined) expect(outcome).toBeUndefined();
    else expect(outcome).toMatchObject(expected);
  });

  it.each<[string, object, string, string | undefined]>([
    [
      "a refused password",
      { name: "MongoServerError", code: 18, codeName: "AuthenticationFailed" },
      "AuthenticationFailed",
      "fatal",
    ],
    ["a missing role", { name: "MongoServerError", code: 13, codeName: "Unauthorized" }, "Unauthorized", "fatal"],
    ["a step down", { name: "MongoServerError", codeName: "PrimarySteppedDown" }, "PrimarySteppedDown", undefined],
    [
      "a code of the server's that is not known",
      { name: "MongoServerError", codeName: "SomethingElse" },
      "SomethingElse",
      undefined,
    ],
    ["a code name that is none", { name: "MongoServerError", codeName: "Say: 5 of 7" }, "MongoServerError", undefined],
    [
      "what a cause says",
      { name: "MongoServerSelectionError", cause: { message: "no", codeName: "AuthenticationFailed" } },
      "AuthenticationFailed",
      "fatal",
    ],
    ["a closed client", { name: "MongoNotConnectedError" }, "client_closed", "persistent"],
    ["a pool that is used up", { name: "MongoWaitQueueTimeoutError" }, "pool_exhausted", undefined],
    ["no server", { name: "MongoServerSelectionError" }, "no_server", undefined],
    ["a lost connection", { name: "MongoNetworkError" }, "network", undefined],
    ["a slow network", { name: "MongoNetworkTimeoutError" }, "network_timeout", undefined],
    ["what Node says beneath it", refused(), "ECONNREFUSED", undefined],
  ])("sorts: %s", async (_what, details, errorType, fault) => {
    const error = details instanceof Error ? details : Object.assign(new Error("it failed"), details);
    const client = scripted(async () => {
      throw error;
    });
    const outcome = await outcomeOf(mongodb(client));
    const type = errorType === "AuthenticationFailed" ? "authentication" : errorType;
    expect(outcome).toMatchObject({ status: "fail", errorType: type });
    expect(outcome?.fault).toBe(fault);
  });

  it("takes its question back when its signal fires", async () => {
    const client = scripted(silence);
    const run = new Running(mongodb(client));
    await settle();
    const signal = client.command.mock.calls[0]?.[1].signal;
    expect(signal?.aborted).toBe(false);
    run.abort();
    expect(await run.outcome).toMatchObject({ status: "fail", errorType: "timeout" });
    expect(signal?.aborted).toBe(true);
    expect(client.eventNames()).toEqual([]);
    expect(run.clock.armed).toBe(0);
  });

  it("says what the driver's monitor heard, while there is time left for it", async () => {
    const client = scripted(silence);
    const check = mongodb(client);
    const clock = new FakeClock();
    const first = new Running(check, clock);
    await clock.advance(1_000);
    client.emit("serverHeartbeatFailed", { failure: refused() });
    await clock.advance(599);
    expect(client.listenerCount("serverHeartbeatFailed")).toBe(1);
    await clock.advance(1);
    expect(await first.outcome).toMatchObject({ errorType: "ECONNREFUSED", hint: expect.stringContaining("listens") });
    // Nothing new is heard, and nothing has answered.
    const second = new Running(check, clock);
    await clock.advance(1_600);
    expect(await second.outcome).toMatchObject({ errorType: "ECONNREFUSED" });
    client.command.mockResolvedValue(primary);
    expect(await outcomeOf(check, clock)).toBeUndefined();
    client.command.mockImplementation(silence);
    const third = new Running(check, clock);
    await clock.advance(1_600);
    third.abort();
    expect(await third.outcome).toMatchObject({ errorType: "timeout" });
    expect(clock.armed).toBe(0);
  });

  it("fails at once with what it heard where that comes late", async () => {
    const client = scripted(silence);
    const run = new Running(mongodb(client));
    await run.clock.advance(1_900);
    client.emit("serverHeartbeatFailed", { failure: refused() });
    await run.clock.advance(1);
    expect(await run.outcome).toMatchObject({ errorType: "ECONNREFUSED" });
  });

  it("takes a MongoClient", async () => {
    const client = new MongoClient("mongodb://127.0.0.1:1");
    expect(mongodb(client)).toMatchObject({ external: true });
    await client.close();
  });

  it.each<[unknown, object, string]>([
    [undefined, {}, "got undefined; create the client before the check"],
    ["mongodb://localhost", {}, "a MongoClient of mongodb"],
    [new MongoClient("mongodb://127.0.0.1:1").db("a"), {}, "got an instance of Db"],
    [answering(primary), { role: "replica" }, "role of mongodb()"],
    [answering(primary), { maxLagMs: 5 }, "maxLagMs"],
  ])("refuses %o with %j", (client, options, expected) => {
    const call = () => mongodb(client as MongodbClient, options as MongodbOptions);
    expect(complaint(call)).toContain(expected);
    expect(call).toThrow(expect.toSatisfy(isHealthError));
  });
});
