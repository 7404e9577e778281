import { type MongodbOptions, mongodb } from "@otel-health/checks/mongodb";
import { type FunctionCheck, systemClock } from "@otel-health/core";
import { until } from "@otel-health/testkit";
import { MongoClient, type MongoClientOptions } from "mongodb";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type MongodbStub, startMongodbStub } from "../servers/mongodb-stub.ts";

const ask = async (check: FunctionCheck, timeoutMs = 2_000) =>
  (await check.run({ signal: AbortSignal.timeout(timeoutMs), clock: systemClock, timeoutMs })) ?? undefined;
const becomes = (check: FunctionCheck, expected: string | undefined) =>
  until(
    async () => {
      const outcome = await ask(check, 500);
      return (outcome?.errorType ?? outcome?.status) === expected && { outcome };
    },
    { describe: `becomes ${expected ?? "well"}`, timeoutMs: 20_000 },
  ).then(({ outcome }) => outcome);

// There is no MongoDB to be had: the real driver talks to a stub of its protocol.
describe("mongodb() through the real driver, on a stub", () => {
  let stub: MongodbStub;
  const closing: (() => unknown)[] = [];
  beforeAll(async () => {
    stub = await startMongodbStub();
  });
  afterAll(() => stub?.[Symbol.asyncDispose]());
  beforeEach(() => stub.control({ role: "primary", password: "right" }));
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  function clientOf(query = "directConnection=true", options: MongoClientOptions = {}): MongoClient {
    const client = new MongoClient(`mongodb://127.0.0.1:${stub.port}/?${query}`, {
      heartbeatFrequencyMS: 500,
      ...options,
    });
    closing.push(() => client.close());
    return client;
  }
  const asked = (options: MongodbOptions = {}, client = clientOf()) => ask(mongodb(client, options));

  it("tells the members of a replica set apart", async () => {
    const all = async () => [await asked(), await asked({ role: "secondary" }), await asked({ role: "any" })];
    const warned = expect.objectContaining({ status: "warn" });
    const failed = (errorType: string) =>
      expect.objectContaining({ status: "fail", errorType, hint: expect.any(String) });
    expect(await all()).toEqual([undefined, warned, undefined]);
    await stub.control({ role: "standalone" });
    expect(await all()).toEqual([undefined, warned, undefined]);
    await stub.control({ role: "secondary" });
    expect(await all()).toEqual([failed("not_primary"), undefined, undefined]);
    for (const role of ["recovering", "arbiter"] as const) {
      await stub.control({ role });
      expect(await all()).toEqual([failed("not_serving"), failed("not_serving"), failed("not_serving")]);
    }
    await stub.control({ role: "new" });
    expect(await all()).toEqual([failed("not_initiated"), failed("not_initiated"), failed("not_initiated")]);
  });

  it("is sent to whoever has the role, and waits no longer than its run where nobody has", async () => {
    await stub.control({ role: "secondary" });
    const client = clientOf("replicaSet=stub&readPreference=nearest");
    expect(await asked({ role: "secondary" }, client)).toBeUndefined();
    expect(await ask(mongodb(client), 300)).toMatchObject({ status: "fail", errorType: "timeout" });
    await stub.control({ role: "primary" });
    await becomes(mongodb(client), undefined);
  });

  it("says that a password is wrong", async () => {
    const auth = {
      auth: { username: "app", password: "right" },
      authMechanism: "PLAIN",
      authSource: "$external",
    } as const;
    expect(await asked({}, clientOf(undefined, auth))).toBeUndefined();
    await stub.control({ password: "rotated" });
    expect(await asked({}, clientOf(undefined, auth))).toMatchObject({ errorType: "authentication", fault: "fatal" });
  });

  it("says why no server is found, long before the client gives up, and is well when it is back", async () => {
    const check = mongodb(clientOf());
    expect(await ask(check)).toBeUndefined();
    await stub.stop();
    await becomes(check, "ECONNREFUSED");
    await stub.start();
    await becomes(check, undefined);
  });

  it("takes its question back when the run is over", async () => {
    const client = clientOf(undefined, { maxPoolSize: 1, serverSelectionTimeoutMS: 60_000 });
    const check = mongodb(client);
    const out = new Set<number>();
    client.on("connectionCheckedOut", ({ connectionId }) => out.add(connectionId as number));
    client.on("connectionCheckedIn", ({ connectionId }) => out.delete(connectionId as number));
    expect(await ask(check)).toBeUndefined();
    stub.pause();
    for (let run = 0; run < 5; run++) expect(await ask(check, 200)).toMatchObject({ status: "fail" });
    stub.resume();
    await becomes(check, undefined);
    expect(out.size).toBe(0);
    expect(client.listenerCount("serverHeartbeatFailed")).toBe(0);
  });

  it("says that the pool is used up where the client gives up on it", async () => {
    const client = clientOf(undefined, { maxPoolSize: 1, waitQueueTimeoutMS: 100 });
    const check = mongodb(client);
    expect(await ask(check)).toBeUndefined();
    const held = client
      .db("admin")
      .command({ hold: 1 })
      .catch(() => {});
    expect(await ask(check)).toMatchObject({
      errorType: "pool_exhausted",
      hint: expect.stringContaining("maxPoolSize"),
    });
    await stub.control({}, { cut: true });
    await held;
    await becomes(check, undefined);
  });

  it("says that the client is closed", async () => {
    const client = clientOf();
    const check = mongodb(client);
    expect(await ask(check)).toBeUndefined();
    await client.close();
    expect(await ask(check)).toMatchObject({ errorType: "client_closed", fault: "persistent" });
  });
});
