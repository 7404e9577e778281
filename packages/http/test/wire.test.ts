import type { RequestListener } from "node:http";
import { attachHealth, type Health, healthMiddleware, listenHealth, notFound } from "@otel-health/http";
import { RawConnection } from "@otel-health/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { probedHealth, sent, told } from "./probed-health.ts";
import { served } from "./served.ts";

const answerNotFound: RequestListener = ({ method }, response) => {
  const { status, rawHeaders, body } = notFound[method === "HEAD" ? "HEAD" : "GET"];
  response.writeHead(status, rawHeaders).end(body);
};

/** Every way to serve probes, with nothing else on the server. */
const ways: { readonly [way: string]: (health: Health) => Promise<AsyncDisposable & { readonly port: number }> } = {
  attachHealth: (health) => served(answerNotFound, (server) => attachHealth(server, health)),
  healthMiddleware: (health) => served(healthMiddleware(health)),
  listenHealth: (health) => listenHealth(health, { host: "127.0.0.1" }),
};

describe.each(Object.keys(ways))("a probe over %s", (way) => {
  let health: Health;
  let server: AsyncDisposable & { readonly port: number };
  beforeAll(async () => {
    health = await probedHealth();
    server = await ways[way]!(health);
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await health.stop();
  });

  /** What core answers, or what it has for everything that is not a probe. */
  const expected = (method: string, url: string) =>
    told(health.respond({ method, url }) ?? notFound[method === "HEAD" ? "HEAD" : "GET"]);

  it.each([
    ["GET", "/readyz", 503],
    ["GET", "/livez", 200],
    ["GET", "/startupz", 200],
    ["GET", "/servez", 503],
    ["HEAD", "/readyz", 503],
    ["HEAD", "/livez", 200],
    ["GET", "/readyz?verbose", 503],
    ["GET", "/readyz/", 503],
    ["GET", "/livez/?a=/b", 200],
    ["GET", "http://orders.example/livez", 200],
    ["POST", "/readyz", 405],
    ["PUT", "/livez", 405],
    ["OPTIONS", "/readyz", 405],
    ["DELETE", "/livez/", 405],
    ["PROPFIND", "/livez", 405],
    ["GET", "/", 404],
    ["HEAD", "/orders", 404],
    ["POST", "/orders", 404],
    ["OPTIONS", "*", 404],
    ["GET", "//readyz", 404],
    ["GET", "/readyz%2f", 404],
    ["GET", "/readyz%00", 404],
    ["GET", "/../readyz", 404],
    ["GET", "/./readyz", 404],
    ["GET", "/READYZ", 404],
    ["GET", "/readyz//", 404],
    ["GET", "/readyz;a=b", 404],
    ["GET", "/\\readyz", 404],
    ["GET", "/__proto__", 404],
    ["GET", "/constructor", 404],
  ])("answers %s %s with %d, byte for byte what core says", async (method, url, status) => {
    using connection = new RawConnection(server.port);
    const response = await connection
      .send(`${method} ${url} HTTP/1.1\r\nHost: orders\r\n\r\n`)
      .response({ toHead: method === "HEAD" });
    expect(response.status).toBe(status);
    expect(sent(response)).toEqual(expected(method, url));
  });

  it("tells what is allowed with 405", async () => {
    using connection = new RawConnection(server.port);
    const { headers } = await connection.send("POST /readyz HTTP/1.1\r\nHost: a\r\n\r\n").response();
    expect(headers).toContainEqual(["Allow", "GET, HEAD"]);
  });

  it("answers HTTP/1.0 and lets go of the connection", async () => {
    using connection = new RawConnection(server.port);
    const response = await connection.send("GET /livez HTTP/1.0\r\n\r\n").response();
    expect(response.headers).toContainEqual(["Connection", "close"]);
    expect(sent(response)).toEqual(expected("GET", "/livez"));
    await connection.closed;
  });

  it("answers pipelined requests in their order", async () => {
    using connection = new RawConnection(server.port);
    const urls = ["/readyz", "/livez", "/orders", "/startupz", "/readyz?again"];
    connection.send(urls.map((url) => `GET ${url} HTTP/1.1\r\nHost: a\r\n\r\n`).join(""));
    for (const url of urls) expect(sent(await connection.response())).toEqual(expected("GET", url));
  });

  it("keeps the connection for the next probe", async () => {
    using connection = new RawConnection(server.port);
    for (let i = 0; i < 20; i++) {
      const toHead = i % 2 === 1;
      const method = toHead ? "HEAD" : "GET";
      const response = await connection.send(`${method} /readyz HTTP/1.1\r\nHost: a\r\n\r\n`).response({ toHead });
      expect(sent(response)).toEqual(expected(method, "/readyz"));
    }
    expect(connection.received).toBe("");
  });

  it("reads past the body of a request", async () => {
    using connection = new RawConnection(server.port);
    const body = "GET /startupz HTTP/1.1\r\nHost: a\r\n\r\n".repeat(2_000);
    for (const method of ["GET", "POST"]) {
      connection.send(`${method} /livez HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
      expect(sent(await connection.response())).toEqual(expected(method, "/livez"));
    }
    connection.send(`POST /readyz HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`);
    expect(sent(await connection.response())).toEqual(expected("POST", "/readyz"));
    connection.send("GET /livez HTTP/1.1\r\nHost: a\r\n\r\n");
    expect(sent(await connection.response())).toEqual(expected("GET", "/livez"));
  });

  it("answers a client that waits for a 100 before it sends its body", async () => {
    using connection = new RawConnection(server.port);
    connection.send("POST /livez HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    expect((await connection.response()).status).toBe(100);
    expect(sent(await connection.response())).toEqual(expected("POST", "/livez"));
    connection.send("helloGET /livez HTTP/1.1\r\nHost: a\r\n\r\n");
    expect(sent(await connection.response())).toEqual(expected("GET", "/livez"));
  });

  it("answers a client that offers to speak HTTP/2", async () => {
    using connection = new RawConnection(server.port);
    const offer = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA";
    connection.send(`GET /livez HTTP/1.1\r\nHost: a\r\n${offer}\r\n\r\n`);
    expect(sent(await connection.response())).toEqual(expected("GET", "/livez"));
  });

  it.each([
    ["a request line that is none", "HELLO\r\n\r\n", 400],
    ["bytes of another protocol", "\x16\x03\x01\x02\x00\x01\x00", 400],
    ["HTTP/1.1 without a host", "GET /livez HTTP/1.1\r\n\r\n", 400],
    ["two lengths", "GET /livez HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400],
    ["headers of 64 KiB", `GET /livez HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(65_536)}\r\n\r\n`, 431],
    ["a URL of 64 KiB", `GET /livez?${"x".repeat(65_536)} HTTP/1.1\r\nHost: a\r\n\r\n`, 431],
  ])("refuses %s, lets go of it and serves on", async (_what, bytes, status) => {
    using connection = new RawConnection(server.port);
    expect((await connection.send(bytes).response()).status).toBe(status);
    await connection.closed;
    using next = new RawConnection(server.port);
    expect((await next.send("GET /livez HTTP/1.1\r\nHost: a\r\n\r\n").response()).status).toBe(200);
  });

  it("serves on after clients that went away in the middle", async () => {
    const halves = [
      "",
      "GET /liv",
      "GET /livez HTTP/1.1\r\nHos",
      "POST /livez HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhal",
    ];
    for (const half of halves) {
      const gone = new RawConnection(server.port);
      await gone.connected();
      gone.send(half).abort();
      await gone.closed;
    }
    // Gone before its answers are written.
    const flooding = new RawConnection(server.port);
    await flooding.connected();
    flooding.send("GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n".repeat(1_000)).abort();
    await flooding.closed;
    using next = new RawConnection(server.port);
    expect((await next.send("GET /livez HTTP/1.1\r\nHost: a\r\n\r\n").response()).status).toBe(200);
  });

  it("answers 500 probes at once", async () => {
    const connections = Array.from({ length: 500 }, () => new RawConnection(server.port));
    const responses = await Promise.all(
      connections.map((connection) => connection.send("GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n").response()),
    );
    for (const connection of connections) connection[Symbol.dispose]();
    const one = expected("GET", "/readyz");
    expect(responses.map(sent)).toEqual(Array.from({ length: 500 }, () => one));
  });
});
