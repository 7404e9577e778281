import type { RequestListener, ServerResponse } from "node:http";
import { createHealth, type HealthMiddleware, healthMiddleware, notFound } from "@otel-health/http";
import { RawConnection } from "@otel-health/testkit";
import { describe, expect, expectTypeOf, it } from "vitest";
import { probedHealth, sent, told } from "./probed-health.ts";
import { served } from "./served.ts";

describe("healthMiddleware", () => {
  it("passes on what is not a probe, once and without an error", async () => {
    await using health = await probedHealth();
    const middleware = healthMiddleware(health);
    const passed: unknown[] = [];
    await using server = await served((request, response) =>
      middleware(request, response, (...args: unknown[]) => {
        passed.push([request.url, ...args]);
        response.end("app");
      }),
    );
    using connection = new RawConnection(server.port);
    const get = (path: string) => connection.send(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`).response();
    expect(await get("/orders")).toMatchObject({ status: 200, body: "app" });
    for (const path of ["/readyz", "/livez/", "/startupz?a"])
      expect(sent(await get(path))).toEqual(told(health.respond({ method: "GET", url: path })!));
    expect(passed).toEqual([["/orders"]]);
  });

  it("puts its headers in place of those that were set before, and keeps the others", async () => {
    await using health = await probedHealth();
    const middleware = healthMiddleware(health);
    await using server = await served((request, response) => {
      response.statusCode = 202;
      response.setHeader("X-Request-Id", "7");
      response.setHeader("cache-control", "public, max-age=3600");
      response.setHeader("Content-Type", "text/html");
      response.setHeader("Content-Length", "1");
      middleware(request, response);
    });
    using connection = new RawConnection(server.port);
    const response = await connection.send("GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n").response();
    const core = health.respond({ method: "GET", url: "/readyz" })!;
    expect(response).toMatchObject({ status: 503, body: core.body });
    const names = response.headers.map(([name]) => name.toLowerCase());
    expect(names).toEqual([...new Set(names)]);
    expect(Object.fromEntries(response.headers)).toMatchObject({ ...core.headers, "X-Request-Id": "7" });
  });

  it("is understood by a writeHead in front of Node's that knows no flat headers", async () => {
    await using health = await probedHealth();
    const middleware = healthMiddleware(health);
    await using server = await served((request, response) => {
      const { writeHead } = response;
      // As session and compression middleware does, to learn when the headers are about to be sent.
      response.writeHead = function (this: ServerResponse, status: number, headers: object) {
        for (const [name, value] of Array.isArray(headers) ? headers : Object.entries(headers))
          this.setHeader(name, value);
        this.setHeader("Set-Cookie", "session=1");
        return Reflect.apply(writeHead, this, [status]);
      } as ServerResponse["writeHead"];
      middleware(request, response);
    });
    using connection = new RawConnection(server.port);
    const response = await connection.send("GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n").response();
    const expected = told(health.respond({ method: "GET", url: "/readyz" })!) as { headers: unknown[] };
    expect(sent(response)).toEqual({ ...expected, headers: [...expected.headers, ["Set-Cookie", "session=1"]] });
  });

  it("passes on a probe that has been answered before it, and without next leaves it alone", async () => {
    await using health = await probedHealth();
    const middleware = healthMiddleware(health);
    const passed: unknown[] = [];
    await using server = await served((request, response) => {
      response.end("before");
      middleware(request, response, () => passed.push(request.url));
      middleware(request, response);
    });
    using connection = new RawConnection(server.port);
    for (const path of ["/readyz", "/orders"]) {
      const response = await connection.send(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`).response();
      expect(response).toMatchObject({ status: 200, body: "before" });
    }
    expect(passed).toEqual(["/readyz", "/orders"]);
  });

  it("is a request listener of its own, which answers everything else with 404", async () => {
    await using health = await probedHealth();
    await using server = await served(healthMiddleware(health));
    using connection = new RawConnection(server.port);
    const head = await connection.send("HEAD /orders HTTP/1.1\r\nHost: a\r\n\r\n").response({ toHead: true });
    expect(sent(head)).toEqual(told(notFound.HEAD));
    const get = await connection.send("GET /orders HTTP/1.1\r\nHost: a\r\n\r\n").response();
    expect(sent(get)).toEqual(told(notFound.GET));
  });

  it("can be put in a chain", async () => {
    await using first = createHealth();
    await using second = createHealth();
    await second.start();
    const orders = healthMiddleware(first, { prefix: "/orders" });
    const billing = healthMiddleware(second, { prefix: "/billing" });
    await using server = await served((request, response) =>
      orders(request, response, () => billing(request, response, () => response.end("app"))),
    );
    using connection = new RawConnection(server.port);
    const statusOf = async (path: string) =>
      (await connection.send(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`).response()).status;
    expect(await Promise.all(["/orders/readyz", "/billing/readyz", "/readyz"].map(statusOf))).toEqual([503, 200, 200]);
  });

  it("lets what the rest of the chain throws through", () => {
    const middleware = healthMiddleware(createHealth());
    const request = { method: "GET", url: "/orders" } as Parameters<HealthMiddleware>[0];
    const response = { headersSent: false } as ServerResponse;
    const next = () => {
      throw new Error("of the application");
    };
    expect(() => middleware(request, response, next)).toThrow("of the application");
  });

  it("has the three parameters by which frameworks tell middleware that calls next", () => {
    expect(healthMiddleware(createHealth())).toHaveLength(3);
    expectTypeOf<HealthMiddleware>().toExtend<RequestListener>();
    expectTypeOf<HealthMiddleware>().toExtend<
      (request: Parameters<RequestListener>[0], response: ServerResponse, next: (error?: unknown) => void) => void
    >();
  });

  it("refuses options that cannot be meant", () => {
    expect(() => healthMiddleware(createHealth(), { prefix: "/internal/" })).toThrow(
      /^prefix of .* got "\/internal\/"/,
    );
  });
});
