import { createRequire } from "node:module";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { context, type Span, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { FakeClock } from "@otel-health/core/testing";
import {
  createHealth,
  type EndpointOptions,
  type Health,
  type HealthResponse,
  healthEndpoints,
} from "@otel-health/express";
import express5, { type ErrorRequestHandler, type Express, type RequestHandler } from "express";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type Answer, served } from "./served.ts";

const require = createRequire(import.meta.url);
/** The oldest release that the peer range allows; it has no types of its own. */
const express4: typeof express5 = require("express4");

/** Started, with a database that fails: readiness answers 503, liveness 200. */
async function probedHealth(): Promise<Health> {
  const clock = new FakeClock();
  const run = () => {
    throw new Error("gone");
  };
  const health = createHealth({ clock, checks: { database: { run } } });
  onTestFinished(() => health.stop());
  await health.start();
  await clock.advance(15_000);
  return health;
}

function lowerCased(headers: { readonly [name: string]: string }): Answer["headers"] {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** What core answers, as `fetch` shows it. */
function told(health: Pick<Health, "respond">, url: string, method = "GET"): Answer {
  const { status, headers, body } = health.respond({ method, url }) as HealthResponse;
  return { status, headers: lowerCased(headers), body };
}

describe.each([
  ["5", express5],
  ["4.17", express4],
])("healthEndpoints in Express %s", (_major, express) => {
  /** An application without the header that Express puts on everything, so that what is left is the probe's. */
  const application = (): Express => express().disable("x-powered-by");

  it.each(["/livez", "/readyz", "/startupz", "/servez", "/readyz/", "/livez?verbose"])(
    "answers %s as core does, without an ETag",
    async (path) => {
      const health = await probedHealth();
      await using app = await served(application().use(healthEndpoints(health)));
      const answer = await app.fetch(path);
      expect(answer).toEqual(told(health, path));
      expect(answer.headers).not.toHaveProperty("etag");
    },
  );

  it("answers HEAD with the headers of GET and no body", async () => {
    const health = await probedHealth();
    await using app = await served(application().use(healthEndpoints(health)));
    const answer = await app.fetch("/readyz", { method: "HEAD" });
    expect(answer).toEqual({ ...told(health, "/readyz"), body: "" });
  });

  it.each(["POST", "PUT", "DELETE", "OPTIONS"])("answers %s with 405 and what is allowed", async (method) => {
    const health = await probedHealth();
    const app = application().use(healthEndpoints(health));
    app.all("/readyz", (_request, response) => void response.send("route"));
    await using server = await served(app);
    const answer = await server.fetch("/readyz", { method });
    expect(answer).toEqual(told(health, "/readyz", method));
    expect(answer).toMatchObject({ status: 405, headers: { allow: "GET, HEAD" } });
  });

  it("passes on what is not a probe to what comes after it", async () => {
    const app = application().use(healthEndpoints(await probedHealth()));
    app.get("/orders", (_request, response) => void response.json(["tea"]));
    await using server = await served(app);
    expect(await server.fetch("/orders")).toMatchObject({ status: 200, body: '["tea"]' });
    expect(await server.fetch("/READYZ")).toMatchObject({ status: 404 });
    expect(await server.fetch("/readyz%2f")).toMatchObject({ status: 404 });
  });

  it("answers before the body parsers, the authentication and the catch-all route after it", async () => {
    const health = await probedHealth();
    const reached: string[] = [];
    const reach: RequestHandler = (request, _response, next) => {
      reached.push(request.path);
      next();
    };
    const refuse: RequestHandler = (_request, response) => void response.sendStatus(401);
    await using server = await served(application().use(healthEndpoints(health), reach, express.json(), refuse));
    // A body that the parser would refuse with 400.
    const init = { method: "POST", headers: { "content-type": "application/json" }, body: "{ not JSON" };
    expect(await server.fetch("/readyz", init)).toMatchObject({ status: 405 });
    expect(await server.fetch("/readyz")).toMatchObject({ status: 503 });
    expect(reached).toEqual([]);
    expect(await server.fetch("/orders")).toMatchObject({ status: 401 });
    expect(reached).toEqual(["/orders"]);
  });

  it("answers after middleware and routes that pass a probe on", async () => {
    const health = await probedHealth();
    const app = application().use(express.json(), (_request, response, next) => {
      response.setHeader("X-Request-Id", "7");
      next();
    });
    app.get("/orders", (_request, response) => void response.json([]));
    app.use(healthEndpoints(health));
    await using server = await served(app);
    const { headers, ...answer } = told(health, "/readyz");
    expect(await server.fetch("/readyz")).toEqual({ ...answer, headers: { ...headers, "x-request-id": "7" } });
  });

  it("leaves a probe to a route before it that answers", async () => {
    const app = application().get("/readyz", (_request, response) => void response.send("own"));
    await using server = await served(app.use(healthEndpoints(await probedHealth())));
    expect(await server.fetch("/readyz")).toMatchObject({ status: 200, body: "own" });
    expect(await server.fetch("/livez")).toMatchObject({ status: 200, body: expect.stringContaining("healthy") });
  });

  it.each<[what: string, mount: (app: Express, health: Health) => unknown]>([
    ["by app.use with a path", (app, health) => app.use("/internal", healthEndpoints(health))],
    ["by a router", (app, health) => app.use("/internal", express.Router().use(healthEndpoints(health)))],
    ["by an application in it", (app, health) => app.use("/internal", application().use(healthEndpoints(health)))],
    ["by the prefix option", (app, health) => app.use(healthEndpoints(health, { prefix: "/internal" }))],
  ])("answers below a prefix %s", async (_what, mount) => {
    const health = await probedHealth();
    const app = application();
    mount(app, health);
    await using server = await served(app);
    expect(await server.fetch("/internal/readyz")).toEqual(told(health, "/readyz"));
    expect(await server.fetch("/internal/livez/?a=b")).toEqual(told(health, "/livez"));
    expect(await server.fetch("/readyz")).toMatchObject({ status: 404 });
    expect(await server.fetch("/internal")).toMatchObject({ status: 404 });
  });

  it("is told to the HTTP instrumentation's hook by its prefix, which a mount path is not", async () => {
    const health = await probedHealth();
    healthEndpoints(health, { prefix: "/internal" });
    expect(health.isHealthRequest({ method: "GET", url: "/internal/readyz" })).toBe(true);
    const mounted = await probedHealth();
    application().use("/internal", healthEndpoints(mounted));
    expect(mounted.isHealthRequest({ method: "GET", url: "/internal/readyz" })).toBe(false);
  });

  it("serves two with options of their own", async () => {
    const health = await probedHealth();
    const full: EndpointOptions = { prefix: "/internal", detail: "full" };
    await using server = await served(application().use(healthEndpoints(health), healthEndpoints(health, full)));
    expect(JSON.parse((await server.fetch("/readyz")).body).checks.database).not.toHaveProperty("message");
    expect(JSON.parse((await server.fetch("/internal/readyz")).body).checks.database).toMatchObject({
      message: "gone",
    });
  });

  it("takes an absolute URL for its path", async () => {
    const health = await probedHealth();
    await using server = await served(application().use("/internal", healthEndpoints(health)));
    const socket = connect(server.port, "127.0.0.1");
    socket.end(
      "GET http://orders.example/internal/livez HTTP/1.1\r\nHost: orders.example\r\nConnection: close\r\n\r\n",
    );
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  });

  it("never reaches the application's error handler, which gets what it ever got", async () => {
    const health = await probedHealth();
    const errors: unknown[] = [];
    const onError: ErrorRequestHandler = (error, _request, response, _next) => {
      errors.push(error.message);
      response.status(500).json({ error: "try again later" });
    };
    const app = application().use(healthEndpoints(health));
    app.get("/orders", () => {
      throw new Error("no tea");
    });
    await using server = await served(app.use(onError));
    expect(await server.fetch("/readyz")).toEqual(told(health, "/readyz"));
    expect(await server.fetch("/orders")).toMatchObject({ status: 500, body: '{"error":"try again later"}' });
    expect(errors).toEqual(["no tea"]);
  });

  it("leaves X-Powered-By to the application's setting", async () => {
    const health = await probedHealth();
    await using on = await served(express().use(healthEndpoints(health)));
    expect((await on.fetch("/livez")).headers).toHaveProperty("x-powered-by", "Express");
    await using off = await served(application().use(healthEndpoints(health)));
    expect((await off.fetch("/livez")).headers).not.toHaveProperty("x-powered-by");
  });

  it("answers with the whole body to a conditional request", async () => {
    const health = await probedHealth();
    await using server = await served(application().use(healthEndpoints(health)));
    const headers = { "if-none-match": "*", "if-modified-since": new Date().toUTCString() };
    expect(await server.fetch("/livez", { headers })).toEqual(told(health, "/livez"));
  });

  it("refuses options that cannot be meant where the application is put together", () => {
    expect(() => healthEndpoints(createHealth(), { prefix: "internal" })).toThrow(/^prefix of .* got "internal"/);
  });
});

describe("session middleware before healthEndpoints", () => {
  const exporter = new InMemorySpanExporter();
  beforeAll(() => {
    trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }));
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  });
  afterAll(() => {
    trace.disable();
    context.disable();
  });

  it("saves without a span for a probe, and with one for everything else", async () => {
    const saved: Span[] = [];
    const session: RequestHandler = (_request, response, next) => {
      const { end } = response;
      response.end = function (this: typeof response, ...args: unknown[]) {
        const span = trace.getTracer("session").startSpan("save");
        saved.push(span);
        span.end();
        return Reflect.apply(end, this, args);
      } as typeof response.end;
      next();
    };
    const app = express5().use(session, healthEndpoints(await probedHealth()));
    app.get("/orders", (_request, response) => void response.send("[]"));
    await using server = await served(app);
    // What the checks themselves left there.
    exporter.reset();
    await server.fetch("/livez");
    expect(saved.map((span) => span.isRecording())).toEqual([false]);
    await server.fetch("/orders");
    expect(exporter.getFinishedSpans().map(({ name }) => name)).toEqual(["save"]);
  });
});
