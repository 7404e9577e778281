import { context, DiagLogLevel, diag } from "@opentelemetry/api";
import { type Authorize, createHealth, type EndpointOptions, type HealthRequest, push } from "@otel-health/core";
import { FakeClock, settle } from "@otel-health/core/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { errorOf } from "../options/refusal.ts";

const verbose: HealthRequest = { method: "GET", url: "/readyz?verbose", headers: { authorization: "Bearer ops" } };

async function service(endpoints: EndpointOptions) {
  const clock = new FakeClock();
  const health = createHealth({ clock, checks: { db: push() }, endpoints });
  await health.start();
  health.checks.db.fail("connect ECONNREFUSED");
  const plain = health.respond({ method: "GET", url: "/readyz" })!;
  return { clock, health, plain };
}

const shows = (body: string | undefined) => body?.includes("ECONNREFUSED");

describe("?verbose", () => {
  it.each<[string, Authorize | undefined]>([
    ["there is no authorize", undefined],
    ["it says false", () => false],
    ["it says something that is not true", (() => "yes") as never],
    ["it says nothing", (() => {}) as never],
    ["it says 1", (() => 1) as never],
  ])("shows what everybody sees where %s", async (_, authorize) => {
    const { health, plain } = await service(authorize === undefined ? {} : { authorize });
    expect(health.respond(verbose)).toBe(plain);
    expect(shows(plain.body)).toBe(false);
  });

  it("shows everything to whom authorize says true of, in every format and for single checks", async () => {
    const asked: HealthRequest[] = [];
    const { health } = await service({
      authorize(request) {
        asked.push(request);
        return request.headers?.["authorization"] === "Bearer ops";
      },
    });
    for (const url of [
      "/readyz?verbose",
      "/readyz?verbose=1",
      "/readyz/?a=b&verbose=true",
      "/readyz/db?verbose",
      "/readyz?verbose&exclude=nope",
    ]) {
      for (const accept of ["application/json", "text/plain", "application/health+json"]) {
        const request = { ...verbose, url, headers: { ...verbose.headers, accept } };
        expect([url, accept, shows(health.respond(request)!.body)]).toEqual([url, accept, true]);
        expect(asked.at(-1)).toBe(request);
      }
    }
    expect(shows(health.respond({ ...verbose, headers: {} })!.body)).toBe(false);
  });

  it("is not asked for by others, and they never wait for the answer", async () => {
    let asked = 0;
    const { health, plain } = await service({
      authorize: async () => {
        asked++;
        return true;
      },
    });
    for (const url of ["/readyz", "/readyz?verbose=false", "/readyz?verbose=0", "/readyz?x=verbose", "/readyz/"]) {
      expect(health.respond({ method: "GET", url })).toBe(plain);
    }
    expect(asked).toBe(0);
  });

  it("asks nobody where everything is shown to everybody", async () => {
    let asked = 0;
    const { health, plain } = await service({ detail: { readiness: "full" }, authorize: () => asked++ > 0 });
    expect(health.respond(verbose)).toBe(plain);
    expect(asked).toBe(0);
  });

  it("shows the whole to an authorized caller of an endpoint that tells the verdict alone", async () => {
    const { health, plain } = await service({ detail: "status", authorize: () => true });
    expect(plain.body).toMatch(/^\{"status":"unhealthy","timestamp":"[^"]*"\}$/);
    expect(shows(health.respond(verbose)!.body)).toBe(true);
    expect(shows(health.respond({ ...verbose, url: "/readyz/db?verbose" })!.body)).toBe(true);
  });

  it("waits for an asynchronous answer beside what everybody sees", async () => {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const { health, plain } = await service({ authorize: () => promise });
    const { authorized, ...now } = health.respond(verbose)!;
    expect(now).toEqual(plain);
    resolve(true);
    expect(shows((await authorized)?.body)).toBe(true);
    expect(await health.respond({ ...verbose, method: "HEAD" })!.authorized).toMatchObject({ status: 503, body: "" });
  });

  it("shows the state of when the answer came", async () => {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const { health } = await service({ authorize: () => promise });
    const { authorized } = health.respond(verbose)!;
    health.checks.db.pass();
    resolve(false);
    expect(await authorized).toBe(health.respond({ method: "GET", url: "/readyz" }));
    expect((await authorized)?.status).toBe(200);
  });

  it("refuses whom authorize leaves waiting, and forgets its answer", async () => {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const { clock, health, plain } = await service({ authorize: () => promise, authorizeTimeoutMs: 500 });
    const armed = clock.armed;
    let answer: unknown;
    void health.respond(verbose)!.authorized?.then((response) => {
      answer = response;
    });
    await clock.advance(499);
    expect(answer).toBeUndefined();
    await clock.advance(1);
    expect(answer).toBe(plain);
    resolve(true);
    await settle();
    expect(answer).toBe(plain);
    expect(clock.armed).toBe(armed);
  });

  it("refuses whoever asks while too many wait", async () => {
    let asked = 0;
    const { clock, health, plain } = await service({
      authorize() {
        asked++;
        return new Promise(() => {});
      },
    });
    const waiting = Array.from({ length: 64 }, () => health.respond(verbose)!.authorized);
    expect(health.respond(verbose)).toBe(plain);
    expect(asked).toBe(64);
    await clock.advance(1_000);
    expect(await Promise.all(waiting)).toEqual(waiting.map(() => plain));
    expect(health.respond(verbose)!.authorized).toBeInstanceOf(Promise);
    await clock.advance(1_000);
  });

  it("counts the one answer that is written", async () => {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const counts: number[] = [];
    const { health } = await service({ authorize: () => promise });
    const before = health.respond(verbose)!;
    resolve(true);
    counts.push((await before.authorized)!.status);
    expect(counts).toEqual([503]);
  });
});

describe("a hostile authorize", () => {
  const said: unknown[][] = [];
  beforeEach(() => {
    said.length = 0;
    const quiet = () => {};
    diag.setLogger(
      { error: (...args) => said.push(args), warn: quiet, info: quiet, debug: quiet, verbose: quiet },
      { logLevel: DiagLogLevel.ERROR, suppressOverrideMessage: true },
    );
  });
  afterEach(() => {
    diag.disable();
    context.disable();
  });

  const broken = new Error("broken");
  it.each<[string, Authorize, number]>([
    [
      "throws",
      () => {
        throw broken;
      },
      1,
    ],
    ["rejects", () => Promise.reject(broken), 1],
    [
      "answers with a thenable that throws",
      () =>
        ({
          // biome-ignore lint/suspicious/noThenProperty: that is what is tried
          get then(): never {
            throw broken;
          },
        }) as never,
      1,
    ],
    ["answers with an object", () => ({}) as never, 0],
    ["answers with a promise of 1", async () => 1 as never, 0],
  ])("that %s refuses the caller", async (_, authorize, complaints) => {
    const { health, plain } = await service({ authorize });
    const response = health.respond(verbose)!;
    expect(await (response.authorized ?? response)).toBe(plain);
    expect(said).toHaveLength(complaints);
  });
});

it("authorize is refused where it would guard nothing", async () => {
  const error = await errorOf(() => createHealth({ endpoints: { detail: "full", authorize: () => true } }));
  expect(error).toEqual({
    code: "contradictory_options",
    message: expect.stringContaining("authorize would guard nothing"),
  });
});
