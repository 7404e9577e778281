import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { FakeClock } from "@otel-health/core/testing";
import {
  createHealth,
  type EndpointOptions,
  type Health,
  type HealthResponse,
  healthEndpoints,
} from "@otel-health/hono";
import type { Hono, MiddlewareHandler } from "hono";
import { compress } from "hono/compress";
import { cors } from "hono/cors";
import { etag } from "hono/etag";
import { secureHeaders } from "hono/secure-headers";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Answer, served, versions } from "./served.ts";

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

/** What core answers, as `fetch` shows it. */
function told(health: Pick<Health, "respond">, url: string, method = "GET"): Answer {
  const { status, headers, body } = health.respond({ method, url }) as HealthResponse;
  const lowerCased = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  return { status, headers: Object.fromEntries(lowerCased), body };
}

describe.each(versions)("healthEndpoints on %s", (_name, App) => {
  /** An application with a route of its own after this middleware. */
  const application = (...middleware: readonly MiddlewareHandler[]): Hono => {
    const app = new App();
    for (const each of middleware) app.use(each);
    app.get("/orders", (context) => context.json(["tea"]));
    return app;
  };

  it("answers without a server too, as an application's own tests ask", async () => {
    const health = await probedHealth();
    const response = await application(healthEndpoints(health)).request("/readyz");
    expect(response.status).toBe(503);
    expect(await response.text()).toBe(told(health, "/readyz").body);
  });

  it("answers before whatever is used after it, and is not changed by that", async () => {
    const health = await probedHealth();
    const reached: string[] = [];
    const reach: MiddlewareHandler = async (context, next) => {
      reached.push(context.req.path);
      await next();
    };
    const app = application(
      healthEndpoints(health),
      reach,
      compress({ threshold: 0 }),
      etag(),
      secureHeaders(),
      cors(),
    );
    app.all("*", (context) => context.text("who are you?", 401));
    await using server = await served(app);
    const headers = { "accept-encoding": "gzip", "if-none-match": "*" };
    expect(await server.fetch("/readyz", { headers })).toEqual(told(health, "/readyz"));
    expect(reached).toEqual([]);
    expect(await server.fetch("/teas")).toMatchObject({ status: 401 });
  });

  // What the README says: Hono lets middleware that is used before wrap every answer.
  it("gets from middleware before it what every answer of the application gets, and keeps status and body", async () => {
    const health = await probedHealth();
    const outer = [compress({ threshold: 0 }), etag(), secureHeaders(), cors()];
    await using app = await served(application(...outer, healthEndpoints(health)));
    const { status, body } = told(health, "/readyz");
    const answer = await app.fetch("/readyz");
    expect(answer).toMatchObject({ status, body });
    expect(answer.headers).toMatchObject({ "x-frame-options": "SAMEORIGIN", "cache-control": "no-store" });
    expect(await app.fetch("/readyz", { method: "HEAD" })).toMatchObject({ status, body: "" });
  });

  it.each<[what: string, mount: (app: Hono, health: Health) => unknown]>([
    ["of a routed application", (app, health) => app.route("/internal", new App().use(healthEndpoints(health)))],
    [
      "of an application routed in a routed one",
      (app, health) => {
        const inner = new App().use(healthEndpoints(health));
        app.route("/", new App().route("/internal", inner));
      },
    ],
    ["of basePath", (app, health) => app.basePath("/internal").use(healthEndpoints(health))],
    ["of a pattern", (app, health) => app.use("/internal/*", healthEndpoints(health))],
    ["of a pattern with a parameter", (app, health) => app.use("/:area/*", healthEndpoints(health))],
    [
      "of an application with an error handler of its own",
      (app, health) => {
        const inner = new App().onError((_error, context) => context.text("inner", 500));
        app.route("/internal", inner.use(healthEndpoints(health)));
      },
    ],
    [
      "of another server's application",
      (app, health) => app.mount("/internal", new App().use(healthEndpoints(health)).fetch),
    ],
    ["of the prefix option", (app, health) => app.use(healthEndpoints(health, { prefix: "/internal" }))],
    ["of both", (app, health) => app.basePath("/in").use(healthEndpoints(health, { prefix: "/ternal" }))],
  ])("answers below the prefix %s", async (what, mount) => {
    const health = await probedHealth();
    const app = new App();
    mount(app, health);
    await using server = await served(app);
    const prefix = what === "of both" ? "/in/ternal" : "/internal";
    expect(await server.fetch(`${prefix}/readyz`)).toEqual(told(health, "/readyz"));
    expect(await server.fetch(`${prefix}/livez/?a=/b`)).toEqual(told(health, "/livez"));
    expect(await server.fetch(`${prefix}/livez`, { method: "HEAD" })).toMatchObject({ status: 200, body: "" });
    for (const path of ["/readyz", prefix, `${prefix}?a=/readyz`, `${prefix}//readyz`, `${prefix}s/a/readyz`])
      expect(await server.fetch(path)).toMatchObject({ status: 404 });
  });

  it("shows everything to whom a slow authorize allows", async () => {
    const health = await probedHealth();
    const authorize: EndpointOptions["authorize"] = async ({ headers }) => headers?.["x-key"] === "s3cret";
    const app = application(healthEndpoints(health, { authorize }));
    app.route("/internal", new App().use(healthEndpoints(health, { authorize })));
    await using server = await served(app);
    for (const path of ["/readyz?verbose", "/internal/readyz?verbose"]) {
      expect((await server.fetch(path, { headers: { "X-Key": "s3cret" } })).body).toContain('"message":"gone"');
      expect(await server.fetch(path)).toEqual(told(health, "/readyz"));
    }
  });

  it("leaves the application's error handler what it ever got", async () => {
    const errors: string[] = [];
    const app = application(healthEndpoints(await probedHealth()));
    app.get("/teas", () => {
      throw new Error("no tea");
    });
    app.onError((error, context) => {
      errors.push(error.message);
      return context.text("try again later", 500);
    });
    await using server = await served(app);
    expect(await server.fetch("/livez")).toMatchObject({ status: 200 });
    expect(await server.fetch("/teas")).toMatchObject({ status: 500, body: "try again later" });
    expect(errors).toEqual(["no tea"]);
  });

  it("writes the header names as node:http does", async () => {
    await using app = await served(application(healthEndpoints(await probedHealth())));
    const socket = connect(app.port, "127.0.0.1");
    socket.end("GET /livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    expect(await text(socket)).toMatch(
      /^HTTP\/1\.1 200 OK\r\nContent-Type: application\/json\r\nContent-Length: \d+\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n/,
    );
  });
});

describe("healthEndpoints", () => {
  it("refuses options that cannot be meant where the application is put together", () => {
    expect(() => healthEndpoints(createHealth(), { prefix: "internal" })).toThrow(/^prefix of .* got "internal"/);
  });
});
