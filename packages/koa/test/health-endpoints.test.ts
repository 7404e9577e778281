import { createHash } from "node:crypto";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { FakeClock } from "@otel-health/core/testing";
import {
  createHealth,
  type EndpointOptions,
  type Health,
  type HealthResponse,
  healthEndpoints,
} from "@otel-health/koa";
import type { Middleware } from "koa";
import mount from "koa-mount";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Answer, application, majors, served } from "./served.ts";

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

const orders: Middleware = (context) => {
  if (context.path === "/orders") context.body = ["tea"];
};

describe.each(majors)("healthEndpoints on %s", (_name, Koa) => {
  it("passes on what is not a probe, and waits for it as Koa does", async () => {
    const seen: unknown[] = [];
    const outer: Middleware = async (context, next) => {
      await next();
      seen.push(context.path, context.status);
    };
    await using app = await served(application(Koa, outer, healthEndpoints(await probedHealth()), orders));
    expect(await app.fetch("/orders")).toMatchObject({ status: 200, body: '["tea"]' });
    expect(await app.fetch("/READYZ")).toMatchObject({ status: 404, body: "Not Found" });
    expect(seen).toEqual(["/orders", 200, "/READYZ", 404]);
  });

  it("never reaches what comes after it, and tells what came before it the status and that it is sent", async () => {
    const seen: unknown[] = [];
    const before: Middleware = async (context, next) => {
      await next();
      seen.push(context.path, context.status, context.respond, context.headerSent);
    };
    const refuse: Middleware = (context) => context.throw(401, "who are you?");
    const app = application(Koa, before, healthEndpoints(await probedHealth()), refuse);
    await using server = await served(app);
    expect(await server.fetch("/livez")).toMatchObject({ status: 200 });
    expect(await server.fetch("/readyz")).toMatchObject({ status: 503 });
    expect(await server.fetch("/orders")).toMatchObject({ status: 401 });
    expect(seen).toEqual(["/livez", 200, false, true, "/readyz", 503, false, true]);
  });

  it.each<[what: string, Middleware]>([
    [
      "sets a body, a type and headers",
      async (context, next) => {
        await next();
        context.status = 418;
        context.type = "text/html";
        context.set("X-Late", "yes");
        context.body = "<p>tea</p>";
      },
    ],
    [
      "sets an ETag",
      async (context, next) => {
        await next();
        context.etag = createHash("sha1").update("tea").digest("hex");
        if (context.fresh) context.status = 304;
      },
    ],
    [
      "compresses",
      async (context, next) => {
        await next();
        context.set("Content-Encoding", "gzip");
        context.body = gzipSync(String(context.body));
      },
    ],
    [
      "makes everything an envelope",
      async (context, next) => {
        await next();
        context.body = { data: context.body };
      },
    ],
    [
      "removes headers and redirects",
      async (context, next) => {
        await next();
        context.remove("Content-Type");
        context.redirect("/elsewhere");
      },
    ],
  ])("is not changed by middleware before it that %s, nor is anything said of it", async (_what, outer) => {
    const health = await probedHealth();
    const errors: unknown[] = [];
    const app = application(Koa, outer, healthEndpoints(health, { prefix: "/now" }));
    const verbose = { prefix: "/later", authorize: async () => false };
    app.use(healthEndpoints(health, verbose)).on("error", (error) => errors.push(error));
    await using server = await served(app);
    const headers = { "if-none-match": "*" };
    expect(await server.fetch("/now/readyz", { headers })).toEqual(told(health, "/readyz"));
    // Answered when `authorize` has, before that middleware goes on.
    expect(await server.fetch("/later/readyz?verbose", { headers })).toEqual(told(health, "/readyz"));
    expect(errors).toEqual([]);
  });

  it("keeps its answer where middleware before it throws afterwards, which only the application hears of", async () => {
    const health = await probedHealth();
    const errors: unknown[] = [];
    const outer: Middleware = async (_context, next) => {
      await next();
      throw new Error("no tea");
    };
    const app = application(Koa, outer, healthEndpoints(health, { authorize: async () => false }));
    app.on("error", (error) => errors.push(error.message));
    await using server = await served(app);
    for (const path of ["/readyz", "/readyz?verbose", "/livez"])
      expect(await server.fetch(path)).toEqual(told(health, path));
    expect(errors).toEqual(["no tea", "no tea", "no tea"]);
  });

  it("leaves a probe to middleware before it that answers", async () => {
    const own: Middleware = (context, next) => {
      if (context.path !== "/readyz") return next();
      context.body = "own";
      return undefined;
    };
    await using app = await served(application(Koa, own, healthEndpoints(await probedHealth())));
    expect(await app.fetch("/readyz")).toMatchObject({ status: 200, body: "own" });
    expect(await app.fetch("/livez")).toMatchObject({ status: 200, body: expect.stringContaining("healthy") });
  });

  it("sends what middleware before it has set, as on every answer of the application", async () => {
    const health = await probedHealth();
    const id: Middleware = (context, next) => {
      context.set("X-Request-Id", "7");
      return next();
    };
    await using app = await served(application(Koa, id, healthEndpoints(health)));
    const { headers, ...answer } = told(health, "/livez");
    expect(await app.fetch("/livez")).toEqual({ ...answer, headers: { ...headers, "x-request-id": "7" } });
  });

  it.each<[what: string, (health: Health) => Middleware]>([
    ["by koa-mount", (health) => mount("/internal", healthEndpoints(health))],
    ["by koa-mount of an application", (health) => mount("/internal", application(Koa, healthEndpoints(health)))],
    ["by koa-mount twice", (health) => mount("/internal", mount("/", healthEndpoints(health)))],
    ["by the prefix option", (health) => healthEndpoints(health, { prefix: "/internal" })],
  ])("answers below a prefix %s", async (_what, middleware) => {
    const health = await probedHealth();
    await using app = await served(application(Koa, middleware(health), orders));
    expect(await app.fetch("/internal/readyz")).toEqual(told(health, "/readyz"));
    expect(await app.fetch("/internal/livez/?a=b")).toEqual(told(health, "/livez"));
    for (const path of ["/readyz", "/internal", "/internals/readyz"])
      expect(await app.fetch(path)).toMatchObject({ status: 404 });
    expect(await app.fetch("/orders")).toMatchObject({ status: 200 });
  });

  it("shows everything to whom a slow authorize allows, and gives up with the client", async () => {
    const health = await probedHealth();
    const asked = Promise.withResolvers<void>();
    const { promise: allowed, resolve: allow } = Promise.withResolvers<boolean>();
    const authorize: EndpointOptions["authorize"] = () => {
      asked.resolve();
      return allowed;
    };
    const errors: unknown[] = [];
    const after = Promise.withResolvers<void>();
    const outer: Middleware = async (context, next) => {
      await next();
      if (context.get("X-Client") === "gone") after.resolve();
    };
    const app = application(Koa, outer, healthEndpoints(health, { authorize }));
    app.on("error", (error) => errors.push(error));
    await using server = await served(app);
    const patient = server.fetch("/readyz?verbose");
    await asked.promise;
    const gone = connect(server.port, "127.0.0.1");
    gone.write("GET /readyz?verbose HTTP/1.1\r\nHost: a\r\nX-Client: gone\r\n\r\n", () => gone.destroy());
    await after.promise;
    allow(true);
    expect((await patient).body).toContain('"message":"gone"');
    expect(errors).toEqual([]);
  });
});

describe("healthEndpoints", () => {
  it("refuses options that cannot be meant where the application is put together", () => {
    expect(() => healthEndpoints(createHealth(), { prefix: "internal" })).toThrow(/^prefix of .* got "internal"/);
  });
});
