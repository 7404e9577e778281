import { type HttpOptions, http } from "@otel-health/checks/http";
import { FakeClock } from "@otel-health/core/testing";
import { describe, expect, it, vi } from "vitest";
import { complaint, outcomeOf, Running } from "../running.ts";

const url = "http://billing:8080/status";

/** A check whose upstream answers so. */
function answered(response: () => Response | Promise<Response>, options: HttpOptions = {}) {
  const fetch = vi.fn((_url: string, _init: RequestInit) => Promise.resolve(response()));
  return { fetch, check: http(url, { ...options, fetch: fetch as unknown as typeof globalThis.fetch }) };
}

const status =
  (code: number, headers: Record<string, string> = {}) =>
  () =>
    new Response(code === 204 || code === 304 ? null : "body", { status: code, headers });
const json =
  (body: unknown, code = 200) =>
  () =>
    new Response(JSON.stringify(body), { status: code });

describe("http()", () => {
  it("sends a request that changes nothing, follows nothing and ends with the run", async () => {
    const { fetch, check } = answered(status(200), { headers: { accept: "text/plain" } });
    const run = new Running(check);
    expect(await run.outcome).toBeUndefined();
    const [target, init] = fetch.mock.calls[0] ?? [];
    expect(target).toBe(url);
    expect(init).toMatchObject({ method: "GET", redirect: "manual", headers: { accept: "text/plain" } });
    expect(init?.signal?.aborted).toBe(false);
    run.abort();
    expect(init?.signal?.aborted).toBe(true);
  });

  it("asks for its headers each time, for tokens that expire", async () => {
    let token = 0;
    const { fetch, check } = answered(status(200), { headers: () => ({ authorization: `t${++token}` }) });
    await outcomeOf(check);
    await outcomeOf(check);
    expect(fetch.mock.calls.map(([, init]) => init.headers)).toEqual([
      { authorization: "t1" },
      { authorization: "t2" },
    ]);
  });

  it.each<[string, () => unknown]>([
    ["a promise", async () => ({ authorization: "secret" })],
    ["a line break within", () => ({ authorization: "secret\nsecret" })],
    ["no text", () => ({ authorization: undefined })],
    ["nothing", () => undefined],
  ])("sends nothing where its headers are %s", async (_what, headers) => {
    const { fetch, check } = answered(status(200), { headers: headers as () => Record<string, string> });
    const said = await outcomeOf(check);
    expect(said).toMatchObject({ status: "fail", errorType: "invalid_headers", fault: "persistent" });
    expect(said?.message).toMatch(/^what headers of http\(\) returns must be /);
    expect(JSON.stringify(said)).not.toContain("secret");
    expect(fetch).not.toHaveBeenCalled();
  });

  it.each<[string, HttpOptions]>([
    ["a promise of a body", { body: (async () => true) as never }],
    ["a match of a body", { body: ((text: string) => /body/.exec(text)) as never }],
    ["no match of a body", { body: (() => null) as never }],
    ["a promise of a status", { status: (async () => true) as never }],
  ])("takes %s for no verdict", async (_what, options) => {
    expect(await outcomeOf(answered(status(200), options).check)).toMatchObject({
      status: "fail",
      errorType: "no_verdict",
      fault: "persistent",
      message: expect.stringMatching(/^(?:body|status) of http\(\) returned neither true nor false$/),
    });
  });

  it.each<[number, object | undefined]>([
    [200, undefined],
    [204, undefined],
    [304, { errorType: "304", fault: "persistent" }],
    [302, { errorType: "302", fault: "persistent", hint: expect.stringContaining("redirects") }],
    [401, { errorType: "401", fault: "fatal", hint: expect.stringContaining("credentials") }],
    [404, { errorType: "404", fault: "persistent" }],
    [422, { errorType: "422", fault: "persistent" }],
    [429, { errorType: "429", fault: "transient" }],
    [500, { errorType: "500", fault: "transient" }],
    [502, { errorType: "502", fault: "transient", hint: expect.stringContaining("proxy") }],
  ])("takes %i for what it is", async (code, expected) => {
    const said = await outcomeOf(answered(status(code)).check);
    if (expected === undefined) expect(said).toBeUndefined();
    else expect(said).toMatchObject({ status: "fail", message: `it answered ${code}`, ...expected });
  });

  it.each<[HttpOptions["status"], number, boolean]>([
    [204, 204, true],
    [204, 200, false],
    [[200, 404], 404, true],
    [(code) => code < 500, 404, true],
    [(code) => code < 500, 503, false],
  ])("takes the statuses %s: %i", async (wanted, code, good) => {
    const said = await outcomeOf(answered(status(code), { status: wanted as number }).check);
    expect(said === undefined).toBe(good);
  });

  it.each([
    ["2", 2_000],
    ["0", undefined],
    ["86400", 300_000],
    ["Sun, 22 Nov 2026 13:00:30 GMT", 30_000],
    ["Sun, 22 Nov 2026 12:00:00 GMT", undefined],
    ["soon", undefined],
  ])("heeds Retry-After: %s", async (header, expected) => {
    const said = await outcomeOf(answered(status(503, { "retry-after": header })).check, new FakeClock());
    expect(said?.retryAfterMs).toBe(expected);
  });

  it("judges a body, and says where it was cut", async () => {
    const body = (text: string) => text.endsWith("body");
    expect(await outcomeOf(answered(status(200), { body }).check)).toBeUndefined();
    expect(await outcomeOf(answered(status(200), { body: () => false }).check)).toMatchObject({
      status: "fail",
      errorType: "unexpected_body",
    });
    expect(await outcomeOf(answered(status(200), { body, maxBodyBytes: 3 }).check)).toMatchObject({
      status: "fail",
      hint: expect.stringContaining("maxBodyBytes"),
    });
  });

  it("ends a body that does not end", async () => {
    const cancel = vi.fn();
    const endless = new ReadableStream<Uint8Array>({ pull: (to) => to.enqueue(new Uint8Array(1_000)), cancel });
    expect(await outcomeOf(answered(() => new Response(endless)).check)).toBeUndefined();
    expect(cancel).toHaveBeenCalledOnce();
  });

  it("does not take a predicate that throws for a good answer", async () => {
    const body = () => {
      throw new Error("no such field");
    };
    expect(await outcomeOf(answered(status(200), { body }).check)).toMatchObject({
      status: "fail",
      message: "no such field",
    });
  });

  it.each<[string, () => Response, object | undefined]>([
    ["healthy", json({ status: "healthy" }), undefined],
    ["pass", json({ status: "pass" }), undefined],
    ["UP", json({ status: "UP" }), undefined],
    ["degraded", json({ status: "degraded", message: "cache is slow" }), { status: "warn", message: "cache is slow" }],
    ["warn", json({ status: "warn" }), { status: "warn", message: "it says that it is degraded" }],
    ["unhealthy with 200", json({ status: "DOWN" }), { status: "fail", errorType: "unhealthy" }],
    [
      "unhealthy with 503",
      json({ status: "unhealthy", message: "postgres is unhealthy" }, 503),
      { status: "fail", errorType: "503", message: "it answered 503: postgres is unhealthy" },
    ],
    ["no report", json({ hello: "world" }), { status: "fail", errorType: "invalid_report", fault: "persistent" }],
    ["no JSON", status(200), { status: "fail", errorType: "invalid_report" }],
    ["a word of its own", json({ status: "constructor" }), { status: "fail", errorType: "invalid_report" }],
  ])("reads another service's report: %s", async (_, response, expected) => {
    const said = await outcomeOf(answered(response, { report: true }).check);
    if (expected === undefined) expect(said).toBeUndefined();
    else expect(said).toMatchObject(expected);
  });

  it("warns of an answer that was slow", async () => {
    const clock = new FakeClock();
    const slowly = (ms: number) => async () => {
      await clock.advance(ms);
      return new Response("");
    };
    expect(await outcomeOf(answered(slowly(300), { warnAfterMs: 300 }).check, clock)).toBeUndefined();
    expect(await outcomeOf(answered(slowly(301), { warnAfterMs: 300 }).check, clock)).toMatchObject({
      status: "warn",
      message: "it answered after 301 ms, more than 300 ms",
    });
  });

  it("sorts what fetch throws by its cause", async () => {
    const cause = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
    const { check } = answered(() => Promise.reject(new TypeError("fetch failed", { cause })));
    expect(await outcomeOf(check)).toMatchObject({
      errorType: "ECONNREFUSED",
      hint: expect.stringContaining("listens"),
    });
  });
});

describe("the options of http()", () => {
  it.each<[string, object, string]>([
    ["billing", {}, 'url of http() must be an absolute URL of http or https, got "billing"'],
    ["ftp://billing/", {}, 'must be an absolute URL of http or https, got "ftp://billing/"'],
    ["http://ann:secret@billing/", {}, "url of http() has credentials, which fetch refuses; give them as headers"],
    [url, { method: "POST" }, 'method of http() must be "GET", "HEAD" or "OPTIONS", got "POST"'],
    [url, { headers: "a: b" }, "headers of http() must be an object of strings, got a string"],
    [url, { headers: ["a: b"] }, "headers of http() must be an object of strings, got an array"],
    [url, { headers: null }, "headers of http() must be an object of strings, got null"],
    [url, { headers: Promise.resolve({}) }, "headers of http() must be an object of strings, got a promise"],
    [url, { headers: { "x-token": 5 } }, 'headers of http() must be strings: "x-token" is a number'],
    [
      url,
      { headers: { "x-token": "a\nsecret" } },
      'headers of http() must be valid: of "x-token" the name or the value',
    ],
    [
      "htps://ann:secret@billing/",
      {},
      'url of http() must be an absolute URL of http or https, got "htps://***@billing/"',
    ],
    [url, { method: "HEAD", report: true }, 'method of http() must be "GET" for `body` or `report`, got "HEAD"'],
    [url, { method: "HEAD", body: () => true }, 'method of http() must be "GET" for `body` or `report`, got "HEAD"'],
    [url, { status: 99 }, "status of http() must be a status from 200 to 599, several, or a function, got 99"],
    [url, { status: [] }, "status of http() must be a status from 200 to 599"],
    [url, { body: "ok" }, 'body of http() must be a function, got "ok"'],
    [url, { report: 1 }, "report of http() must be true or false, got 1"],
    [url, { maxBodyBytes: -1 }, "maxBodyBytes of http() must be a whole number from 0 up, got -1"],
    [url, { warnAfterMs: -1 }, "warnAfterMs of http() must be milliseconds from 0"],
    [url, { fetch: "node-fetch" }, 'fetch of http() must be a function, got "node-fetch"'],
    [url, { timeout: 5 }, "timeout is not an option of http(); the options are: backoff, body"],
    [url, { timeoutMs: 0 }, "timeoutMs of http() must be a number from 1"],
  ])("%s %j", (given, options, expected) => {
    const message = complaint(() => http(given, options as HttpOptions));
    expect(message).toContain(expected);
    expect(message).not.toContain("secret");
  });
});
