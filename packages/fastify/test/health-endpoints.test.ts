import dns from "node:dns";
import { createServer } from "node:http";
import { type ClientHttp2Session, connect } from "node:http2";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { type HealthRequest, healthEndpoints, isHealthError } from "@otel-health/fastify";
import { RawConnection, until } from "@otel-health/testkit";
import { fastify } from "fastify";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { probedHealth as makeProbedHealth, sent, told } from "../../http/test/probed-health.ts";
import { fastifies } from "./fastifies.ts";
import { portOf } from "./port-of.ts";
import { served } from "./served.ts";

async function probedHealth() {
  const health = await makeProbedHealth();
  onTestFinished(() => health.stop());
  return health;
}

/** What a request is answered with, header for header. */
async function ask(port: number, request: string, options?: { readonly toHead: boolean }) {
  using connection = new RawConnection(port);
  return await connection.send(`${request} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`).response(options);
}

const paths = ["/livez", "/readyz", "/ready", "/startupz", "/servez", "/readyz/", "/livez?verbose", "/readyz/database"];

const bothAddresses = [
  { address: "127.0.0.1", family: 4 },
  { address: "::1", family: 6 },
];
type Looked = (error: null, addresses: typeof bothAddresses) => void;

describe.each(fastifies)("healthEndpoints in Fastify %s", (_version, makeApp) => {
  it("answers every path as core does, byte for byte, over the wire and to inject()", async () => {
    const health = await probedHealth();
    const app = makeApp();
    await app.register(healthEndpoints(health));
    const port = await served(app);
    for (const url of paths) {
      const expected = told(health.respond({ method: "GET", url })!);
      expect(sent(await ask(port, `GET ${url}`))).toEqual(expected);
      const injected = await app.inject({ method: "GET", url });
      const { status, headers, body } = health.respond({ method: "GET", url })!;
      const lowerCased = Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
      );
      expect(injected).toMatchObject({ statusCode: status, body });
      const { date, connection, ...left } = injected.headers;
      expect(left).toEqual(lowerCased);
    }
  });

  it("answers HEAD without a body, and other methods with 405", async () => {
    const health = await probedHealth();
    const app = makeApp();
    await app.register(healthEndpoints(health));
    const port = await served(app);
    const head = await ask(port, "HEAD /readyz", { toHead: true });
    expect(sent(head)).toEqual(told(health.respond({ method: "HEAD", url: "/readyz" })!));
    expect(await app.inject({ method: "HEAD", url: "/readyz" })).toMatchObject({ statusCode: 503, body: "" });
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS"] as const) {
      const refused = health.respond({ method, url: "/readyz" })!;
      expect(sent(await ask(port, `${method} /readyz`))).toEqual(told(refused));
      const injected = await app.inject({ method, url: "/readyz" });
      expect(injected).toMatchObject({ statusCode: 405, body: refused.body, headers: { allow: "GET, HEAD" } });
    }
    expect((await ask(port, "PURGE /readyz")).status).toBe(405);
  });

  it.each(["before", "after"])("is reached by no hook and no logger of the application %s it", async (when) => {
    const health = await probedHealth();
    const reached: unknown[] = [];
    const lines: string[] = [];
    const app = makeApp({ logger: { stream: { write: (line: string) => void lines.push(line) } } });
    const hooks = () => {
      app.addHook("onRequest", async (request, reply) => {
        reached.push(`onRequest ${request.url}`);
        if (request.headers.authorization === undefined) await reply.code(401).send("who are you?");
      });
      app.addHook("onSend", async (request, reply) => {
        reached.push(`onSend ${request.url}`);
        reply.header("etag", "7");
      });
      app.addHook("onResponse", async (request) => void reached.push(`onResponse ${request.url}`));
    };
    if (when === "before") hooks();
    await app.register(healthEndpoints(health));
    if (when === "after") hooks();
    const port = await served(app);
    lines.length = 0;
    for (const url of ["/readyz", "/livez?verbose"])
      expect(sent(await ask(port, `GET ${url}`))).toEqual(told(health.respond({ method: "GET", url })!));
    expect({ reached, lines }).toEqual({ reached: [], lines: [] });
    expect((await ask(port, "GET /orders")).status).toBe(401);
    expect(reached).toContain("onRequest /orders");
    expect(lines.join()).toContain("/orders");
  });

  it("writes no line of the log and parses no body for an injected probe", async () => {
    const lines: string[] = [];
    const app = makeApp({ logger: { stream: { write: (line: string) => void lines.push(line) } } });
    await app.register(healthEndpoints(await probedHealth()));
    const headers = { "content-type": "application/json" };
    const probe = await app.inject({ method: "POST", url: "/readyz", headers, payload: "{ no JSON" });
    expect(probe.statusCode).toBe(405);
    expect(lines).toEqual([]);
  });

  it("leaves what is not a probe to the application", async () => {
    const app = makeApp();
    await app.register(healthEndpoints(await probedHealth()));
    app.get("/orders", async () => ["tea"]);
    app.get("/readyz/of/orders", async () => "own");
    app.setNotFoundHandler((_request, reply) => void reply.code(404).send("nothing here"));
    const port = await served(app);
    expect(await ask(port, "GET /orders")).toMatchObject({ status: 200, body: '["tea"]' });
    expect(await ask(port, "GET /readyz/of/orders")).toMatchObject({ status: 200, body: "own" });
    for (const url of ["/READYZ", "/readyz/of/others", "/readyz%2f", "/"]) {
      expect(await ask(port, `GET ${url}`)).toMatchObject({ status: 404, body: "nothing here" });
      expect(await app.inject({ url })).toMatchObject({ statusCode: 404, body: "nothing here" });
    }
  });

  it.each<[what: string, scope: string | undefined, registered: string | undefined, option: string | undefined]>([
    ["of the registration", undefined, "/internal", undefined],
    ["of the registration that ends with a slash", undefined, "/internal/", undefined],
    ["of the scope", "/internal", undefined, undefined],
    ["of the scope and the registration", "/in", "/ternal", undefined],
    ["that is an option", undefined, undefined, "/internal"],
    ["of the scope and the option", "/in", undefined, "/ternal"],
  ])("answers below the prefix %s", async (_what, scope, registered, option) => {
    const health = await probedHealth();
    const app = makeApp();
    const plugin = healthEndpoints(health, option === undefined ? {} : { prefix: option });
    const options = registered === undefined ? {} : { prefix: registered };
    if (scope === undefined) await app.register(plugin, options);
    else await app.register(async (instance) => void instance.register(plugin, options), { prefix: scope });
    const port = await served(app);
    const [prefix] = [scope, registered?.replace(/\/$/, ""), option].filter(Boolean).join("").split("\n");
    const url = `${prefix}/readyz`;
    expect(sent(await ask(port, `GET ${url}`))).toEqual(told(health.respond({ method: "GET", url: "/readyz" })!));
    expect(await app.inject({ url })).toMatchObject({ statusCode: 503 });
    expect(await app.inject({ url: `${url}/database` })).toMatchObject({ statusCode: 503 });
    expect((await ask(port, "GET /readyz")).status).toBe(404);
    expect((await app.inject({ url: "/readyz" })).statusCode).toBe(404);
    expect(health.isHealthRequest({ method: "GET", url })).toBe(true);
  });

  it("makes one endpoint of each registration, and two of two", async () => {
    const health = await probedHealth();
    const made: unknown[] = [];
    const counted = {
      ...health,
      endpoints(options: Parameters<typeof health.endpoints>[0]) {
        made.push(options);
        return health.endpoints(options);
      },
    };
    const app = makeApp();
    await app.register(healthEndpoints(counted));
    await app.register(healthEndpoints(counted, { detail: "full" }), { prefix: "/internal" });
    expect(made).toEqual([{}, { detail: "full", prefix: "/internal" }]);
    const port = await served(app);
    expect(JSON.parse((await ask(port, "GET /readyz")).body).checks.database).not.toHaveProperty("message");
    const full = { database: { message: "gone" } };
    expect(JSON.parse((await ask(port, "GET /internal/readyz")).body).checks).toMatchObject(full);
    expect((await app.inject({ url: "/internal/readyz" })).json().checks).toMatchObject(full);
  });

  it("waits for an asynchronous authorize", async () => {
    const health = await probedHealth();
    const app = makeApp();
    const authorize = async ({ headers = {} }: HealthRequest) => "x-admin" in headers;
    await app.register(healthEndpoints(health, { authorize }));
    const port = await served(app);
    using connection = new RawConnection(port);
    const { body } = await connection.send("GET /readyz?verbose HTTP/1.1\r\nHost: a\r\nX-Admin: 1\r\n\r\n").response();
    expect(JSON.parse(body).checks.database).toHaveProperty("message", "gone");
    const injected = await app.inject({ url: "/readyz?verbose", headers: { "x-admin": "1" } });
    expect(injected.json().checks.database).toHaveProperty("message", "gone");
  });

  it("answers on both servers that Fastify opens for localhost", async () => {
    const health = await probedHealth();
    const app = makeApp();
    await app.register(healthEndpoints(health));
    // What a machine with IPv6 says of it.
    const lookup = vi
      .spyOn(dns, "lookup")
      .mockImplementation(((host: string, _options: object, done: Looked) =>
        done(null, host === "localhost" ? bothAddresses : [{ address: host, family: 6 }])) as never);
    onTestFinished(() => lookup.mockRestore());
    await app.listen({ port: 0, host: "localhost" });
    onTestFinished(() => app.close());
    const addresses = app.addresses() as AddressInfo[];
    expect(addresses.map(({ address }) => address).sort()).toEqual(["127.0.0.1", "::1"]);
    for (const { address, port } of addresses) {
      using connection = new RawConnection(port, address);
      const answer = await connection.send("GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n").response();
      expect(sent(answer)).toEqual(told(health.respond({ method: "GET", url: "/readyz" })!));
    }
  });

  it("answers in an application that makes its own server", async () => {
    const health = await probedHealth();
    const app = makeApp({ serverFactory: (handler) => createServer(handler) });
    await app.register(healthEndpoints(health));
    app.get("/orders", async () => "tea");
    const port = await served(app);
    expect(sent(await ask(port, "GET /livez"))).toEqual(told(health.respond({ method: "GET", url: "/livez" })!));
    expect((await ask(port, "GET /orders")).body).toBe("tea");
  });

  it("leaves a path that is taken to Fastify to refuse", async () => {
    const app = makeApp();
    app.get("/readyz", async () => "own");
    const registered = app.register(healthEndpoints(await probedHealth())).then(() => app.ready());
    await expect(registered).rejects.toThrow(/'GET'.* already declared for route '\/readyz'/s);
  });

  it("hides its routes from documentation that is made of them", async () => {
    const app = makeApp();
    const schemas: unknown[] = [];
    app.addHook("onRoute", ({ schema }) => void schemas.push(schema));
    await app.register(healthEndpoints(await probedHealth()));
    expect(schemas.length).toBeGreaterThan(10);
    for (const schema of schemas) expect(schema).toEqual({ hide: true });
  });

  it.each<[what: string, options: object, scope: string, message: RegExp]>([
    ["a prefix without its slash", { prefix: "internal" }, "", /^prefix of endpoints must be .*"internal"/],
    ["a prefix that is no text", { prefix: 5 }, "/in", /^prefix of endpoints must be .* got 5$/],
    ["an option that there is not", { details: "full" }, "", /^details is not an option of endpoints/],
    ["a scope with a parameter", {}, "/:tenant", /must be a fixed path, got "\/:tenant"/],
  ])("fails the registration with %s", async (_what, options, prefix, message) => {
    const app = makeApp();
    onTestFinished(() => app.close());
    const registered = app.register(healthEndpoints(await probedHealth(), options), { prefix });
    const error = await registered.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(isHealthError(error)).toBe(true);
    expect((error as Error).message).toMatch(message);
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, "5", 5n, {}, true, null])(
    "refuses %s milliseconds of drain delay where it is given",
    async (drainDelayMs) => {
      const health = await probedHealth();
      expect(() => healthEndpoints(health, { drainDelayMs: drainDelayMs as number })).toThrow(
        /^drainDelayMs of healthEndpoints\(\), if not false, must be milliseconds from 0 to 2147483647, got /,
      );
    },
  );
});

describe("healthEndpoints with a handlerTimeout", () => {
  it("leaves an injected probe whose authorize is slow to its own time limit", async () => {
    const app = fastify({ handlerTimeout: 1 });
    const begun = performance.now();
    const isLate = () => performance.now() - begun > 50;
    const authorize = async () => until(isLate, { describe: "Fastify's time limit has passed" });
    await app.register(healthEndpoints(await probedHealth(), { authorize }));
    const injected = await app.inject({ url: "/readyz?verbose" });
    expect(injected.json().checks.database).toHaveProperty("message", "gone");
  });
});

describe("healthEndpoints over HTTP/2", () => {
  async function ask2(session: ClientHttp2Session, method: string, path: string) {
    const stream = session.request({ ":method": method, ":path": path });
    const headers = new Promise<Record<string, unknown>>((resolve) => stream.once("response", resolve));
    stream.end();
    const [received, body] = await Promise.all([headers, text(stream)]);
    // Not the symbol by which Node marks sensitive ones.
    const { ":status": status, date, ...named } = Object.fromEntries(Object.entries(received));
    return { status, headers: named, body };
  }

  it("answers as over HTTP/1.1, and no hook is reached", async () => {
    const health = await probedHealth();
    const app = fastify({ http2: true });
    const reached: string[] = [];
    app.addHook("onRequest", async ({ url }) => void reached.push(url));
    await app.register(healthEndpoints(health));
    app.get("/orders", async () => "tea");
    await app.listen({ port: 0, host: "127.0.0.1" });
    onTestFinished(() => app.close());
    const session = connect(`http://127.0.0.1:${portOf(app)}`);
    onTestFinished(() => session.close());
    for (const [method, url] of [
      ["GET", "/readyz"],
      ["HEAD", "/readyz"],
      ["GET", "/readyz/database"],
      ["POST", "/livez"],
    ] as const) {
      const { status, headers, body } = health.respond({ method, url })!;
      const lowerCased = Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
      );
      expect(await ask2(session, method, url)).toEqual({ status, headers: lowerCased, body });
    }
    expect(reached).toEqual([]);
    expect(await ask2(session, "GET", "/orders")).toMatchObject({ status: 200, body: "tea" });
  });
});
