import type { NatsConnection as IoConnection } from "@nats-io/transport-node";
import { type NatsConnection, type NatsOptions, nats } from "@otel-health/checks/nats";
import { settle } from "@otel-health/core/testing";
import type { NatsConnection as OldConnection } from "nats";
import { describe, expect, expectTypeOf, it } from "vitest";
import { diagnoseNats } from "../src/nats/diagnose.ts";
import { complaint, outcomeOf, Running } from "./running.ts";

type Status = { readonly type: string; readonly data?: unknown; readonly error?: unknown };

/** A connection whose answers the test gives. */
class ScriptedConnection implements NatsConnection {
  isOver = false;
  draining = false;
  readonly ended = Promise.withResolvers<Error | undefined>();
  readonly requests: { readonly subject: string; readonly timeout: number }[] = [];
  pings = 0;
  pinged: () => Promise<number> = async () => 1;
  answer: unknown = {};
  readonly listeners: Status[][] = [];
  #wake: () => void = () => {};

  isClosed(): boolean {
    return this.isOver;
  }
  isDraining(): boolean {
    return this.draining;
  }
  async closed(): Promise<undefined | Error> {
    return this.ended.promise;
  }
  rtt(): Promise<number> {
    this.pings++;
    return this.pinged();
  }
  async request(subject: string, _payload: string, { timeout }: { timeout: number }) {
    this.requests.push({ subject, timeout });
    const answer = typeof this.answer === "function" ? this.answer(subject) : this.answer;
    const text = typeof answer === "string" ? answer : JSON.stringify(answer);
    return { data: new TextEncoder().encode(text) };
  }
  status(): AsyncIterable<Status> {
    const queue: Status[] = [];
    this.listeners.push(queue);
    const stop = () => void this.listeners.splice(this.listeners.indexOf(queue), 1);
    const woken = () =>
      new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    async function* hear() {
      for (;;) {
        yield* queue.splice(0);
        await woken();
      }
    }
    return Object.assign(hear(), { stop });
  }
  async tell(status: Status): Promise<void> {
    for (const listener of this.listeners) listener.push(status);
    this.#wake();
    await settle();
  }
}

function connection(more: Partial<ScriptedConnection> = {}): ScriptedConnection {
  return Object.assign(new ScriptedConnection(), more);
}

const stream = { config: {}, state: { messages: 0, bytes: 0 }, cluster: { leader: "a" } };
const said = (answer: unknown, options: NatsOptions = { stream: "orders" }) =>
  outcomeOf(nats(connection({ answer }), options));
const error = (words: object, message = "said so") => Object.assign(new Error(message), words);

describe("nats", () => {
  it("sends a PING and nothing else, where JetStream is not wanted", async () => {
    const given = connection();
    expect(await outcomeOf(nats(given))).toBeUndefined();
    expect(given).toMatchObject({ pings: 1, requests: [] });
  });

  it.each([
    [{ jetstream: true }, ["$JS.API.INFO"]],
    [{ jetstream: true, domain: "hub" }, ["$JS.hub.API.INFO"]],
    [{ stream: "orders" }, ["$JS.API.STREAM.INFO.orders"]],
  ])("asks JetStream with %j", async (options, subjects) => {
    const given = connection({ answer: stream });
    expect(await outcomeOf(nats(given, options))).toBeUndefined();
    expect(given.requests).toEqual(subjects.map((subject) => ({ subject, timeout: 4_000 })));
  });

  it("asks for a consumer after its stream", async () => {
    const given = connection({ answer: { ...stream, num_pending: 5 } });
    const options = { stream: "orders", consumer: "billing", domain: "hub" };
    expect(await outcomeOf(nats(given, options))).toBeUndefined();
    expect(given.requests.map(({ subject }) => subject)).toEqual([
      "$JS.hub.API.STREAM.INFO.orders",
      "$JS.hub.API.CONSUMER.INFO.orders.billing",
    ]);
    expect(await outcomeOf(nats(given, { ...options, warnPending: 5 }))).toBeUndefined();
    expect(await outcomeOf(nats(given, { ...options, warnPending: 4 }))).toMatchObject({ status: "warn" });
  });

  it.each([
    [{ code: 404, err_code: 10_059, description: "stream not found" }, "stream_not_found", "fatal"],
    [{ code: 404, err_code: 10_014 }, "consumer_not_found", "fatal"],
    [{ code: 503, err_code: 10_039 }, "jetstream_disabled", "fatal"],
    [{ code: 503, err_code: 10_008, description: "temporarily unavailable" }, "503", undefined],
    ["gibberish", "jetstream_error", undefined],
  ])("knows a refusal: %j", async (refusal, errorType, fault) => {
    const outcome = await said({ error: refusal });
    expect(outcome).toMatchObject({ status: "fail", errorType, hint: expect.any(String) });
    expect(outcome?.fault).toBe(fault);
  });

  it("knows a stream that refuses what is published", async () => {
    const full = (config: object) => said({ ...stream, config, state: { messages: 5, bytes: 100 } });
    expect(await full({ discard: "new", max_msgs: 5 })).toMatchObject({ status: "fail", errorType: "stream_full" });
    expect(await full({ discard: "new", max_bytes: 100 })).toMatchObject({ status: "fail", errorType: "stream_full" });
    expect(await full({ discard: "old", max_msgs: 5 })).toBeUndefined();
    expect(await full({ discard: "new", max_msgs: 6, max_bytes: -1 })).toBeUndefined();
  });

  it("knows a stream that has lost its leader, or replicas", async () => {
    const cluster = (of: unknown) => said({ ...stream, cluster: of });
    expect(await cluster({ leader: "" })).toMatchObject({ status: "fail", errorType: "no_leader" });
    const replicas = [{ current: true }, { current: false }, { current: true, offline: true }];
    expect(await cluster({ leader: "a", replicas })).toMatchObject({
      status: "warn",
      message: "2 of 4 replicas of the stream orders are offline or behind",
    });
    expect(await cluster({ leader: "a", replicas: [{ current: true }] })).toBeUndefined();
    expect(await cluster(undefined)).toBeUndefined();
  });

  it("says the worse of stream and consumer", async () => {
    const behind = { ...stream, cluster: { leader: "a", replicas: [{ current: false }] } };
    const options = { stream: "orders", consumer: "billing" };
    const of = (consumer: object) => (subject: string) =>
      subject.includes("CONSUMER") ? { num_pending: 0, ...consumer } : behind;
    expect(await said(of({}), options)).toMatchObject({ status: "warn", message: expect.stringContaining("stream") });
    expect(await said(of({ cluster: {} }), options)).toMatchObject({ status: "fail", errorType: "no_leader" });
  });

  it.each([["no JSON"], ["5"], ["null"], [{}], [{ config: {}, state: null }]])(
    "fails on the answer %j",
    async (answer) => {
      expect(await said(answer)).toMatchObject({ status: "fail" });
    },
  );

  it.each([
    ["an error without properties", Object.create(null)],
    ["nothing", undefined],
  ])("fails where the client throws %s", async (_name, thrown) => {
    const given = connection({
      pinged: () => {
        throw thrown;
      },
    });
    expect(await outcomeOf(nats(given))).toMatchObject({ status: "fail" });
  });

  it("settles when its signal fires, and asks no more than three times what hangs", async () => {
    const given = connection({ pinged: () => new Promise(() => {}) });
    const check = nats(given);
    for (let run = 0; run < 5; run++) {
      const running = new Running(check);
      running.abort();
      expect(await running.outcome).toMatchObject({
        status: "fail",
        errorType: "timeout",
        message: expect.stringMatching(/2000 ms/),
      });
    }
    expect(given.pings).toBe(3);
  });

  it("says why the client is not connected, as long as that holds, and stops to listen", async () => {
    const down = error({ code: "DISCONNECT" });
    const given = connection({ pinged: () => Promise.reject(down) });
    const check = nats(given);
    const stop = check.attach?.(() => {});
    expect(await outcomeOf(check)).toMatchObject({ errorType: "disconnected", hint: expect.any(String) });
    await given.tell({ type: "error", data: "AUTHORIZATION_VIOLATION" });
    expect(await outcomeOf(check)).toMatchObject({ errorType: "authorization", fault: "fatal" });
    await given.tell({ type: "reconnect" });
    expect(await outcomeOf(check)).toMatchObject({ errorType: "disconnected" });
    await given.tell({ type: "error", error: error({ name: "UserAuthenticationExpiredError" }) });
    expect(await outcomeOf(check)).toMatchObject({ errorType: "authorization" });
    // What was wrong while it was connected is no answer.
    given.pinged = async () => 1;
    expect(await outcomeOf(check)).toBeUndefined();
    stop?.();
    expect(given.listeners).toEqual([]);
  });

  it("knows a connection that is drained, and one that is closed, and why", async () => {
    const given = connection();
    const check = nats(given);
    given.draining = true;
    expect(await outcomeOf(check)).toMatchObject({ errorType: "client_draining", fault: "persistent" });
    expect(given.pings).toBe(0);
    given.isOver = true;
    given.pinged = () => Promise.reject(error({ name: "ClosedConnectionError" }));
    expect(await outcomeOf(check)).toMatchObject({ errorType: "client_closed", fault: "persistent" });
    given.ended.resolve(error({ code: "AUTHORIZATION_VIOLATION" }));
    await settle();
    expect(await outcomeOf(check)).toMatchObject({ errorType: "authorization", fault: "fatal" });
  });

  it("refuses another client, and one that is closed or drained", () => {
    for (const other of [undefined, {}, "nats://localhost", { rtt() {}, request() {} }])
      expect(complaint(() => nats(other as never))).toContain(
        "must be a connection of nats or @nats-io/transport-node",
      );
    expect(complaint(() => nats(connection({ isOver: true })))).toContain("is closed already");
    expect(complaint(() => nats(connection({ draining: true })))).toContain("is closed already");
  });

  it.each([
    [{ jetstream: "yes" }, "jetstream of nats() must be true or false"],
    [{ jetstream: false, stream: "a" }, "jetstream of nats() must be true where `stream` is given"],
    [{ stream: "a.b" }, "stream of nats() must be a name"],
    [{ stream: "" }, "stream of nats()"],
    [{ stream: "a", consumer: "*" }, "consumer of nats()"],
    [{ consumer: "a" }, "stream of nats() must be given where `consumer` is"],
    [{ domain: "a" }, "jetstream of nats() must be true where `domain` is given"],
    [{ jetstream: true, domain: "a b" }, "domain of nats()"],
    [{ stream: "a", warnPending: 5 }, "consumer of nats() must be given where `warnPending` is"],
    [{ stream: "a", consumer: "b", warnPending: -1 }, "warnPending of nats() must be a number from 0 up"],
    [{ streams: ["a"] }, "streams is not an option of nats()"],
  ])("refuses %j", (options, message) => {
    expect(complaint(() => nats(connection(), options as never))).toContain(message);
  });

  it("takes the connections of both drivers as they are", () => {
    expectTypeOf<OldConnection>().toExtend<NatsConnection>();
    expectTypeOf<IoConnection>().toExtend<NatsConnection>();
    expect(nats(connection())).toMatchObject({ external: true });
  });
});

describe("diagnoseNats", () => {
  it.each([
    [{ code: "503" }, "no_responders", "persistent"],
    [{ code: "PERMISSIONS_VIOLATION" }, "permissions", "fatal"],
    [{ code: "TIMEOUT" }, "jetstream_timeout", undefined],
    [{ name: "RequestError", cause: error({ name: "NoRespondersError" }) }, "no_responders", "persistent"],
    [{ name: "RequestError", cause: error({ name: "PermissionViolationError" }) }, "permissions", "fatal"],
    [{ name: "RequestError", message: "connection disconnected" }, "disconnected", undefined],
    [{ name: "ConnectionError" }, "disconnected", undefined],
  ])("knows %j", (words, errorType, fault) => {
    const diagnosis = diagnoseNats(error(words));
    expect(diagnosis).toMatchObject({ errorType, hint: expect.any(String) });
    expect(diagnosis?.fault).toBe(fault);
  });

  it("leaves what it does not know", () => {
    expect(diagnoseNats(error({ code: "toString" }))).toBeUndefined();
    expect(diagnoseNats(error({ cause: "a string" }))).toBeUndefined();
    expect(diagnoseNats(new DOMException("time is up", "TimeoutError"))).toBeUndefined();
  });
});
