import { Client, credentials } from "@grpc/grpc-js";
import { type GrpcClient, type GrpcOptions, grpc } from "@otel-health/checks/grpc";
import { createHealth, HealthError, type RunContext } from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import { describe, expect, expectTypeOf, it } from "vitest";

type Callback = Parameters<GrpcClient["makeUnaryRequest"]>[5];

/** A client whose calls the test answers. */
class ScriptedClient implements GrpcClient {
  state = 2;
  cancelled = 0;
  readonly calls: { method: string; request: Uint8Array; deadline: number; callback: Callback }[] = [];
  answer: (callback: Callback) => void = () => {};

  getChannel() {
    return { getConnectivityState: () => this.state };
  }

  close(): void {}

  makeUnaryRequest(...given: Parameters<GrpcClient["makeUnaryRequest"]>) {
    const [method, serialize, deserialize, request, { deadline }, callback] = given;
    this.calls.push({ method, request: serialize(request), deadline, callback });
    this.answer((error, response) => callback(error, response && deserialize(response)));
    return {
      cancel: () => {
        this.cancelled++;
        callback(Object.assign(new Error("1 CANCELLED: Cancelled on client"), { code: 1, details: "" }));
      },
    };
  }
}

function context(): RunContext & { readonly clock: FakeClock; readonly abort: (reason: unknown) => void } {
  const controller = new AbortController();
  return {
    signal: controller.signal,
    clock: new FakeClock(),
    timeoutMs: 2_000,
    abort: (reason) => controller.abort(reason),
  };
}

const bytes = (...given: readonly number[]) => Uint8Array.from(given);

function answering(answer: Uint8Array | Error | undefined): ScriptedClient {
  const client = new ScriptedClient();
  client.answer = (callback) => (answer instanceof Error ? callback(answer) : callback(null, answer));
  return client;
}

const run = (answer: Uint8Array | Error | undefined, options?: GrpcOptions) =>
  grpc(answering(answer), options).run(context());

const status = (code: number, details = "said so") =>
  Object.assign(new Error(`${code} NAME: ${details}`), { code, details });

describe("grpc", () => {
  it("asks Health/Check for the server, with a deadline after the run's own end", async () => {
    const client = answering(bytes(8, 1));
    const given = context();
    expect(await grpc(client).run(given)).toBeUndefined();
    expect(client.calls).toMatchObject([
      { method: "/grpc.health.v1.Health/Check", deadline: given.clock.wallTime() + 4_000 },
    ]);
    expect([...client.calls[0]!.request]).toEqual([]);
  });

  it("asks for the service that is named", async () => {
    const client = answering(bytes(8, 1));
    await grpc(client, { service: "orders.Ä" }).run(context());
    expect(Buffer.from(client.calls[0]!.request)).toEqual(Buffer.concat([bytes(10, 9), Buffer.from("orders.Ä")]));
    await grpc(client, { service: "x".repeat(300) }).run(context());
    expect([...client.calls[1]!.request.subarray(0, 4)]).toEqual([10, 0xac, 0x02, 0x78]);
    expect(client.calls[1]!.request).toHaveLength(303);
  });

  it.each([
    ["NOT_SERVING", bytes(8, 2), { errorType: "NOT_SERVING", message: "the server is not serving" }],
    ["SERVICE_UNKNOWN", bytes(8, 3), { errorType: "SERVICE_UNKNOWN", fault: "fatal" }],
    ["UNKNOWN, which is not sent", bytes(), { errorType: "UNKNOWN" }],
    ["UNKNOWN", bytes(8, 0), { errorType: "UNKNOWN" }],
    ["a status that there is not", bytes(8, 9), { errorType: "invalid_answer", fault: "persistent" }],
    ["bytes that end too early", bytes(8), { errorType: "invalid_answer" }],
    ["a varint without an end", bytes(8, ...Array<number>(12).fill(0x81)), { errorType: "invalid_answer" }],
    ["a length beyond the end", bytes(8, 1, 18, 9, 1), { errorType: "invalid_answer" }],
    ["a tag that there is not", bytes(8, 1, 0, 0), { errorType: "invalid_answer" }],
    ["a group", bytes(8, 1, 11), { errorType: "invalid_answer" }],
    ["no answer at all", undefined, { message: "it answered nothing" }],
  ])("fails on %s", async (_name, answer, expected) => {
    expect(await run(answer)).toMatchObject({ status: "fail", ...expected });
  });

  it("skips fields of later versions", async () => {
    expect(await run(bytes(16, 5, 8, 1, 26, 2, 1, 1, 0x25, 1, 2, 3, 4, 0x29, 1, 2, 3, 4, 5, 6, 7, 8))).toBeUndefined();
  });

  it.each([
    [1, "CANCELLED", undefined],
    [2, "UNKNOWN", undefined],
    [4, "DEADLINE_EXCEEDED", undefined],
    [5, "NOT_FOUND", "fatal"],
    [7, "PERMISSION_DENIED", "fatal"],
    [8, "RESOURCE_EXHAUSTED", undefined],
    [12, "UNIMPLEMENTED", "persistent"],
    [13, "INTERNAL", undefined],
    [14, "UNAVAILABLE", undefined],
    [16, "UNAUTHENTICATED", "fatal"],
  ])("names status %d %s", async (code, errorType, fault) => {
    const outcome = await run(status(code));
    expect(outcome).toMatchObject({ status: "fail", errorType, hint: expect.any(String) });
    expect(outcome?.fault).toBe(fault);
  });

  it.each([
    [
      "No connection established. Last error: Error: connect ECONNREFUSED 127.0.0.1:1. Resolution note: ",
      "ECONNREFUSED",
    ],
    ["read ECONNRESET", "ECONNRESET"],
    ["No connection established. Last error: Error: certificate has expired. Resolution note: ", "CERT_HAS_EXPIRED"],
    ["Last error: Error: unable to verify the first certificate; if", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
    ["Last error: Error: self-signed certificate; if", "DEPTH_ZERO_SELF_SIGNED_CERT"],
    ["Last error: Error: Hostname/IP does not match certificate's altnames: Host", "ERR_TLS_CERT_ALTNAME_INVALID"],
    ["Name resolution failed for target dns:nowhere:1", "ENOTFOUND"],
    ["No connection established. Last error: Failed to connect (2026-11-29T00:55:29.188Z)", "UNAVAILABLE"],
    ["ENOSUCHCODE", "UNAVAILABLE"],
  ])("names what stands behind UNAVAILABLE: %s", async (details, errorType) => {
    expect(await run(status(14, details))).toMatchObject({ status: "fail", errorType, hint: expect.any(String) });
  });

  it("takes a server without a health service as asked", async () => {
    const missing = status(12, "The server does not implement the method /grpc.health.v1.Health/Check");
    expect(await run(missing)).toMatchObject({
      errorType: "UNIMPLEMENTED",
      hint: expect.stringContaining("unimplemented"),
    });
    expect(await run(missing, { unimplemented: "pass" })).toMatchObject({ status: "pass" });
    for (const details of ["Received HTTP status code 404", "No message received", "Too many responses received"]) {
      const outcome = await run(status(12, details), { unimplemented: "pass" });
      expect(outcome).toMatchObject({ status: "fail", errorType: "UNIMPLEMENTED" });
      expect(outcome?.hint).toContain("no gRPC server");
    }
  });

  it("cancels the call when its signal fires, and settles then", async () => {
    const client = new ScriptedClient();
    const given = context();
    const running = grpc(client).run(given);
    given.abort(new Error("time is up"));
    expect(await running).toMatchObject({ status: "fail", message: "time is up" });
    expect(client.cancelled).toBe(1);
    expect(given.clock.armed).toBe(0);
  });

  it("does not cancel what has been answered", async () => {
    const client = answering(bytes(8, 1));
    const given = context();
    await grpc(client).run(given);
    given.abort(new Error("stopped"));
    expect(client.cancelled).toBe(0);
  });

  it.each([
    ["throws", new Error("Channel has been shut down"), { errorType: "client_closed", fault: "persistent" }],
    ["throws what it likes", undefined, { errorType: "_OTHER" }],
  ])("fails where the client %s", async (_name, thrown, expected) => {
    const client = new ScriptedClient();
    client.answer = () => {
      throw thrown;
    };
    expect(await grpc(client).run(context())).toMatchObject({ status: "fail", ...expected });
  });

  it("fails, whatever a hostile error does when it is read", async () => {
    const hostile = Object.defineProperty(new Error("boo"), "code", {
      get() {
        throw new Error("again");
      },
    });
    expect(await run(hostile)).toMatchObject({ status: "fail" });
    expect(await run(hostile, { unimplemented: "pass" })).toMatchObject({ status: "fail" });
    expect(await run(status(99))).toMatchObject({ status: "fail", errorType: "Error" });
  });

  it("refuses another client, and a closed one", () => {
    const expected = "client of grpc() must be a client of @grpc/grpc-js";
    for (const client of [undefined, null, {}, "localhost:50051", { getChannel() {} }])
      expect(() => grpc(client as never)).toThrow(expected);
    const closed = new ScriptedClient();
    closed.state = 4;
    expect(() => grpc(closed)).toThrow("client of grpc() is closed already");
  });

  it.each([
    [{ service: 5 }, "service of grpc() must be a string, got 5"],
    [{ unimplemented: "warn" }, 'unimplemented of grpc() must be "fail" or "pass", got "warn"'],
    [{ deadlineMs: 5 }, "deadlineMs is not an option of grpc()"],
    [{ timeoutMs: -1 }, "timeoutMs"],
    [null, "grpc() must be an object of options, got null"],
  ])("refuses %j", (options, message) => {
    expect(() => grpc(new ScriptedClient(), options as never)).toThrow(HealthError);
    expect(() => grpc(new ScriptedClient(), options as never)).toThrow(message);
  });

  it("takes clients of @grpc/grpc-js as they are, and looks beyond the process", () => {
    expectTypeOf<Client>().toExtend<GrpcClient>();
    const client = new Client("localhost:1", credentials.createInsecure());
    expect(grpc(client)).toMatchObject({ external: true });
    client.close();
    expect(() => grpc(client)).toThrow("is closed already");
    expect(() => createHealth({ checks: { it: { ...grpc(new ScriptedClient()), probes: ["liveness"] } } })).toThrow();
  });
});
