import { once } from "node:events";
import { createServer, request as requestHttp, type ServerResponse } from "node:http";
import { createServer as createSecureServer, request as requestHttps } from "node:https";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { attachHealth, createHealth, type Health, isHealthError } from "@otel-health/http";
import { RawConnection } from "@otel-health/testkit";
import { describe, expect, it } from "vitest";
import { probedHealth, sent, told } from "./probed-health.ts";
import { type Served, served } from "./served.ts";

/** What `path` is answered with, on a connection of its own. */
async function get({ port }: Pick<Served, "port">, path: string): Promise<string> {
  using connection = new RawConnection(port);
  const { status, body } = await connection.send(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`).response();
  return `${status} ${body}`;
}

const app = (_request: unknown, response: ServerResponse) => response.end("app");

/** Which of the paths are answered by a health object; the others reach the application. */
async function answeredPaths(server: Served, paths: readonly string[]): Promise<readonly string[]> {
  const answers = await Promise.all(paths.map((path) => get(server, path)));
  return paths.filter((_path, i) => answers[i] !== "200 app");
}

describe("attachHealth", () => {
  it.each(["before", "after"])("keeps probes from listeners that are added %s it", async (when) => {
    await using health = await probedHealth();
    const heard: unknown[] = [];
    const listen = (server: Served["server"]) => {
      server.on("request", (request, response) => {
        heard.push(request.url);
        response.end("first");
      });
      server.on("request", (request) => heard.push(request.url));
    };
    await using server = await served(undefined, (bare) => {
      if (when === "before") listen(bare);
      attachHealth(bare, health);
      if (when === "after") listen(bare);
    });
    using connection = new RawConnection(server.port);
    for (const path of ["/readyz", "/livez?verbose"]) {
      const response = await connection.send(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`).response();
      expect(sent(response)).toEqual(told(health.respond({ method: "GET", url: path })!));
    }
    expect(heard).toEqual([]);
    expect(await get(server, "/orders")).toBe("200 first");
    expect(heard).toEqual(["/orders", "/orders"]);
  });

  it("answers once it is attached to a server that listens, also on connections that are open", async () => {
    await using health = await probedHealth();
    await using server = await served(app);
    using connection = new RawConnection(server.port);
    connection.send("GET /livez HTTP/1.1\r\nHost: a\r\n\r\n");
    expect(await connection.response()).toMatchObject({ body: "app" });
    attachHealth(server.server, health);
    connection.send("GET /livez HTTP/1.1\r\nHost: a\r\n\r\n");
    expect(sent(await connection.response())).toEqual(told(health.respond({ method: "GET", url: "/livez" })!));
  });

  it("answers on a node:https server", async () => {
    await using health = await probedHealth();
    // A shared key, so that no certificate is needed.
    const psk = Buffer.alloc(16, 7);
    const ciphers = "PSK-AES128-GCM-SHA256";
    const pskCallback = () => psk;
    const server = createSecureServer({ ciphers, maxVersion: "TLSv1.2", pskCallback }, app);
    attachHealth(server, health);
    await once(server.listen(0, "127.0.0.1"), "listening");
    const request = requestHttps({
      port: (server.address() as AddressInfo).port,
      host: "127.0.0.1",
      path: "/readyz",
      agent: false,
      ciphers,
      maxVersion: "TLSv1.2",
      checkServerIdentity: () => undefined,
      // @ts-expect-error The types lack what https hands on to tls.
      pskCallback: () => ({ psk, identity: "probe" }),
    });
    const [response] = await once(request.end(), "response");
    expect(await text(response)).toBe(health.respond({ method: "GET", url: "/readyz" })!.body);
    await new Promise((resolve) => server.close(resolve));
  });

  it("answers on IPv6", async () => {
    await using health = await probedHealth();
    const server = createServer(app);
    attachHealth(server, health);
    await once(server.listen(0, "::1"), "listening");
    using connection = new RawConnection((server.address() as AddressInfo).port, "::1");
    connection.send("GET /livez HTTP/1.1\r\nHost: [::1]\r\n\r\n");
    expect((await connection.response()).status).toBe(200);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it("spares a probe that expects a 100 the application's checkContinue and checkExpectation", async () => {
    await using health = await probedHealth();
    const heard: unknown[] = [];
    await using server = await served(undefined, (bare) => {
      for (const event of ["checkContinue", "checkExpectation"])
        bare.on(event, (request, response) => {
          heard.push([event, request.url]);
          response.end("app");
        });
      attachHealth(bare, health);
    });
    const asked = (path: string, expectation: string) =>
      `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: ${expectation}\r\n\r\n`;
    const refused = told(health.respond({ method: "POST", url: "/livez" })!);
    for (const expectation of ["100-continue", "200-miracle"]) {
      using connection = new RawConnection(server.port);
      expect(sent(await connection.send(asked("/livez", expectation)).response())).toEqual(refused);
    }
    // No 100 was sent, so no body may follow: Node lets go of the connection.
    using connection = new RawConnection(server.port);
    const { headers } = await connection.send(asked("/livez", "100-continue")).response();
    expect(headers).toContainEqual(["Connection", "close"]);
    await connection.closed;
    expect(heard).toEqual([]);
    for (const expectation of ["100-continue", "200-miracle"]) {
      using other = new RawConnection(server.port);
      expect(await other.send(asked("/orders", expectation)).response()).toMatchObject({ body: "app" });
    }
    expect(heard).toEqual([
      ["checkContinue", "/orders"],
      ["checkExpectation", "/orders"],
    ]);
  });

  it("serves two health objects on one server, each below its prefix", async () => {
    await using orders = createHealth();
    await using billing = createHealth();
    await billing.start();
    await using server = await served(app, (bare) => {
      attachHealth(bare, orders, { prefix: "/orders" });
      attachHealth(bare, billing, { prefix: "/billing", detail: "status" });
    });
    expect(await get(server, "/orders/readyz")).toMatch(/^503 .*"lifecycle":"starting"/);
    expect(await get(server, "/billing/readyz")).toMatch(/^200 \{"status":"healthy","timestamp":"[^"]+"\}$/);
    expect(await get(server, "/readyz")).toBe("200 app");
  });

  it("answers from what was attached first where two have one path", async () => {
    await using first = createHealth();
    await using second = createHealth();
    await second.start();
    await using server = await served(app, (bare) => {
      attachHealth(bare, first);
      attachHealth(bare, second);
    });
    expect(await get(server, "/readyz")).toMatch(/^503 /);
  });

  it.each([
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ])("detaches one by one, in the order %d, %d, %d", async (...order) => {
    await using health = createHealth();
    const prefixes = ["/a", "/b", "/c"];
    const detach: (() => void)[] = [];
    await using server = await served(app, (bare) => {
      for (const prefix of prefixes) detach.push(attachHealth(bare, health, { prefix }));
    });
    const left = new Set(prefixes.map((prefix) => `${prefix}/readyz`));
    for (const i of order) {
      expect(
        await answeredPaths(
          server,
          prefixes.map((prefix) => `${prefix}/readyz`),
        ),
      ).toEqual([...left]);
      detach[i]?.();
      detach[i]?.();
      left.delete(`${prefixes[i]}/readyz`);
      // The application may serve these paths now, and wants spans of them.
      const known = prefixes.filter((prefix) => health.isHealthRequest({ method: "GET", url: `${prefix}/readyz` }));
      expect(known.map((prefix) => `${prefix}/readyz`)).toEqual([...left]);
    }
    expect(
      await answeredPaths(
        server,
        prefixes.map((prefix) => `${prefix}/readyz`),
      ),
    ).toEqual([]);
    attachHealth(server.server, health, { prefix: "/d" });
    expect(await answeredPaths(server, ["/a/readyz", "/d/readyz"])).toEqual(["/d/readyz"]);
  });

  it("gets on with others that put an emit of their own in front, before and after it", async () => {
    await using health = createHealth();
    const seen: string[] = [];
    const spyOn = (server: Served["server"], name: string) => {
      const emit = server.emit;
      server.emit = function (this: Served["server"], ...args: unknown[]) {
        if (args[0] === "request") seen.push(name);
        return Reflect.apply(emit, this, args);
      };
    };
    await using server = await served(app);
    spyOn(server.server, "inner");
    const detach = attachHealth(server.server, health);
    spyOn(server.server, "outer");
    expect(await get(server, "/readyz")).toMatch(/^503 /);
    expect(seen.splice(0)).toEqual(["outer"]);
    expect(await get(server, "/orders")).toBe("200 app");
    expect(seen.splice(0)).toEqual(["outer", "inner"]);
    detach();
    expect(await get(server, "/readyz")).toBe("200 app");
    expect(seen).toEqual(["outer", "inner"]);
  });

  it("leaves every other event as it was", () => {
    const server = createServer();
    attachHealth(server, createHealth());
    expect(server.emit("nobody listens", 1)).toBe(false);
    const heard: unknown[] = [];
    server.on("something", function (this: unknown, ...args) {
      heard.push(this, ...args);
    });
    expect(server.emit("something", 1, 2, 3, 4)).toBe(true);
    expect(heard).toEqual([server, 1, 2, 3, 4]);
    expect(() => server.emit("error", new Error("not heard"))).toThrow("not heard");
  });

  it("lets what a listener throws through to where it went before", () => {
    const server = createServer(() => {
      throw new Error("of the application");
    });
    attachHealth(server, createHealth());
    expect(() => server.emit("request", { url: "/orders", method: "GET" }, {})).toThrow("of the application");
  });

  it("leaves alone what someone in front has answered", async () => {
    await using health = await probedHealth();
    await using server = await served(undefined, (bare) => attachHealth(bare, health));
    const { emit } = server.server;
    server.server.emit = function (this: Served["server"], ...args: unknown[]) {
      if (args[0] === "request") (args[2] as ServerResponse).end("in front");
      return Reflect.apply(emit, this, args);
    };
    expect(await get(server, "/readyz")).toBe("200 in front");
  });

  it("closes with the server as ever", async () => {
    await using health = await probedHealth();
    const server = createServer(app);
    attachHealth(server, health);
    await once(server.listen(0, "127.0.0.1"), "listening");
    const [response] = await once(
      requestHttp({ port: (server.address() as AddressInfo).port, path: "/livez", agent: false }).end(),
      "response",
    );
    await text(response);
    await new Promise((resolve) => server.close(resolve));
    expect(server.listening).toBe(false);
  });

  it.each([
    ["an application", Object.assign(() => {}, { emit() {}, listen() {} }), "a function"],
    ["nothing", undefined, "undefined"],
    ["a port", 8080, "8080"],
    ["an object", Object.create(null), "an object"],
  ])("refuses %s for a server", (_what, given, shown) => {
    const refused = attempt(() => attachHealth(given as unknown as Served["server"], createHealth()));
    expect(refused).toMatchObject({
      code: "invalid_option",
      message: `server of attachHealth() must be what createServer() or an application's listen() returns, got ${shown}`,
    });
    expect(isHealthError(refused)).toBe(true);
  });

  it("refuses options that cannot be meant, and leaves the server as it was", async () => {
    const health: Health = createHealth();
    const server = createServer();
    expect(() => attachHealth(server, health, { prefix: "internal" })).toThrow(/^prefix of .* got "internal"/);
    expect(Object.hasOwn(server, "emit")).toBe(false);
  });
});

function attempt(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}
