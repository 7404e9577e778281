import { channel } from "node:diagnostics_channel";
import { once } from "node:events";
import { IncomingMessage, ServerResponse } from "node:http";
import {
  type ClientHttp2Stream,
  connect as connectHttp2,
  createServer as createHttp2,
  type ServerHttp2Stream,
} from "node:http2";
import type { AddressInfo } from "node:net";
import { connect, Socket } from "node:net";
import { type Attributes, SpanKind } from "@opentelemetry/api";
import { createHealth } from "@otel-health/core";
import { FakeClock, recordTransitions } from "@otel-health/core/testing";
import { until } from "@otel-health/testkit";
import { createTraffic, type RequestsOptions, type ServedRequest } from "@otel-health/traffic";
import { afterEach, describe, expect, it } from "vitest";
import { TestSpans } from "../test-spans.ts";
import { startUpstream } from "../upstream.ts";

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

/** A service that counts its own requests; `?status=` is answered with that, `/hang` not at all. */
async function serve(options: RequestsOptions = {}, handle = answer) {
  const clock = new FakeClock();
  const traffic = createTraffic({ clock });
  const health = createHealth({
    clock,
    checks: { requests: traffic.requests({ minSamples: 5, jitter: 0, ...options }) },
  });
  traffic.watch(health);
  const record = recordTransitions(health);
  await health.start();
  await clock.advance(0);
  const service = await startUpstream((request, response) => {
    const probe = health.respond(request);
    if (probe !== undefined) response.writeHead(probe.status, { ...probe.headers }).end(probe.body);
    else handle(request, response);
  });
  stops.push(
    () => health.stop(),
    () => service[Symbol.asyncDispose](),
  );
  return {
    clock,
    traffic,
    health,
    record,
    service,
    async get(path: string, times = 1) {
      for (let i = 0; i < times; i++) await (await fetch(`${service.url}${path}`)).text();
    },
    /** Sends a request over a connection of its own. */
    async send(path: string, more = "") {
      const before = service.requests;
      const socket = connect(service.port, "127.0.0.1");
      socket.on("error", () => {});
      socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n${more}\r\n`);
      await until(() => service.requests > before, { describe: path });
      return socket;
    },
    async message() {
      await health.refresh();
      return health.checks.requests.snapshot().message;
    },
    state: () => health.checks.requests.status,
  };
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? "", "http://a");
  if (url.pathname === "/hang") return;
  response.statusCode = Number(url.searchParams.get("status") ?? 200);
  response.end("answer");
}

describe("requests()", () => {
  it("passes while there is too little traffic to judge, and counts no probe", async () => {
    const { get, message, state } = await serve();
    await get("/orders?status=500", 3);
    await get("/readyz", 10);
    await get("/livez?verbose", 10);
    expect(await message()).toBe("too little traffic to judge: 3 requests in 60 s");
    expect(state()).toBe("healthy");
  });

  it("fails at once where too many are 5xx, which only degrades the service unless it is said to be critical", async () => {
    const { clock, get, health, record } = await serve();
    await get("/orders?status=404", 4);
    await get("/orders?status=503", 5);
    await clock.advance(100);
    expect(health.checks.requests.snapshot()).toMatchObject({
      status: "unhealthy",
      message: "5 of 9 requests failed in 60 s (503)",
      errorType: "too_many_errors",
    });
    expect(health.verdict("readiness")).toBe("degraded");
    expect(health.verdict("serving")).toBe("degraded");
    expect(health.verdict("liveness")).toBe("healthy");
    await get("/orders", 10);
    await clock.advance(100);
    expect(record.statesOf("requests")).toEqual(["unknown", "healthy", "unhealthy", "healthy"]);
  });

  it("counts for liveness where that is named", async () => {
    const { clock, get, health } = await serve({ probes: ["liveness"], critical: true });
    expect(health.verdict("liveness")).toBe("healthy");
    await get("/orders?status=500", 5);
    await clock.advance(100);
    expect(health.verdict("liveness")).toBe("unhealthy");
    // Nobody sends it anything any more: its errors are forgotten.
    await clock.advance(70_000);
    expect(health.verdict("liveness")).toBe("healthy");
  });

  it("never alarms at one error in a thousand", async () => {
    const { clock, get, record, message } = await serve({ maxErrorRatio: 0.01 });
    for (let round = 0; round < 3; round++) {
      await get("/orders", 999);
      await get("/orders?status=500");
      await clock.advance(10_000);
    }
    expect(await message()).toBe("3 of 3000 requests failed in 60 s (500)");
    expect(record.statesOf("requests")).toEqual(["unknown", "healthy"]);
  });

  it("fails where the slowest hundredth takes too long", async () => {
    const held: ServerResponse[] = [];
    const { clock, get, message, state, service } = await serve({ maxP99Ms: 1_000 }, (_request, response) => {
      if (_request.url === "/slow") held.push(response);
      else response.end();
    });
    await get("/orders", 20);
    expect(await message()).toBe("0 of 20 requests failed in 60 s");
    const slow = [1, 2].map(async () => (await fetch(`${service.url}/slow`)).text());
    await until(() => held.length === 2, { describe: "two slow requests" });
    await clock.advance(1_500);
    held.forEach((response) => void response.end());
    await Promise.all(slow);
    expect(await message()).toMatch(
      /^the slowest hundredth of 22 requests in 60 s took 1\.[456] s or more, above 1 s$/,
    );
    expect(state()).toBe("unhealthy");
  });

  it("lets a single slow one alone be no latency", async () => {
    const held: ServerResponse[] = [];
    const { clock, get, message, service } = await serve({ maxP99Ms: 1_000 }, (request, response) => {
      if (request.url === "/slow") held.push(response);
      else response.end();
    });
    await get("/orders", 20);
    const slow = fetch(`${service.url}/slow`);
    await until(() => held.length === 1, { describe: "a slow request" });
    await clock.advance(30_000);
    expect(await message()).toBe("0 of 20 requests failed in 60 s");
    held[0]?.end();
    await (await slow).text();
    expect(await message()).toBe("0 of 21 requests failed in 60 s");
  });

  it("sees a service that answers nothing any more, while its clients still wait", async () => {
    const { clock, get, send, message, state } = await serve({ maxP99Ms: 2_000 });
    await get("/orders", 5);
    const sockets = [await send("/hang"), await send("/hang"), await send("/hang")];
    await clock.advance(2_500);
    expect(await message()).toMatch(
      /^the slowest hundredth of 8 requests in 60 s took 2\.[456] s or more, above 2 s; 3 have no answer yet$/,
    );
    expect(state()).toBe("unhealthy");
    for (const socket of sockets) socket.destroy();
  });

  it("takes clients that left in time for no news, and those that had waited too long for slow requests", async () => {
    const { clock, get, send, message, service } = await serve({ maxP99Ms: 2_000 });
    await get("/orders", 5);
    const leave = async (sockets: readonly Awaited<ReturnType<typeof send>>[]) => {
      for (const socket of sockets) socket.destroy();
      await until(
        () => new Promise<boolean>((resolve) => service.server.getConnections((_error, open) => resolve(open <= 1))),
        { describe: "the connections to close" },
      );
    };
    await leave([await send("/hang"), await send("/hang"), await send("/hang")]);
    await clock.advance(10_000);
    expect(await message()).toBe("0 of 5 requests failed in 60 s");
    const impatient = [await send("/hang"), await send("/hang")];
    await clock.advance(5_000);
    await leave(impatient);
    expect(await message()).toMatch(
      /^the slowest hundredth of 7 requests in 60 s took [45](\.\d)? s or more, above 2 s$/,
    );
  });

  describe("whose clients leave without an answer", () => {
    async function leaveAfter(ms: number, path: string, more = "", options: RequestsOptions = {}) {
      const service = await serve(options, (request, response) => {
        if (request.url === "/half") response.write("x");
        else answer(request, response);
      });
      const { clock, send, get } = service;
      await get("/orders", 4);
      const sockets: Socket[] = [];
      const closed: Promise<unknown>[] = [];
      service.service.server.on("connection", (socket) =>
        closed.push(new Promise((resolve) => socket.once("close", resolve))),
      );
      for (let nth = 0; nth < 5; nth++) sockets.push(await send(path, more));
      await clock.advance(ms);
      for (const socket of sockets) socket.destroy();
      await Promise.all(closed);
      return service;
    }

    it("warns, and fails where they had waited too long", async () => {
      const { get, health, message, state } = await leaveAfter(500, "/hang");
      expect(await message()).toBe("5 clients left without an answer in 60 s");
      expect(state()).toBe("degraded");
      expect(health.verdict("readiness")).toBe("degraded");
      await get("/orders", 1);
      expect(await message()).toBe("0 of 5 requests failed in 60 s");
      const slow = await leaveAfter(500, "/hang", "", { maxP99Ms: 400 });
      expect(await slow.message()).toMatch(
        /^the slowest hundredth of 9 requests in 60 s took \d+ ms or more, above 400 ms$/,
      );
    });

    it.each<[string, number, string, string, RequestsOptions]>([
      ["they left at once", 100, "/hang", "", {}],
      ["there are fewer than minSamples of them", 500, "/hang", "", { minSamples: 6 }],
      ["the answer had begun", 500, "/half", "", {}],
      ["they had not sent all of the request", 500, "/hang", "Content-Length: 10\r\n", {}],
    ])("passes where %s", async (_what, ms, path, more, options) => {
      const { health, message } = await leaveAfter(ms, path, more, options);
      expect(await message()).toBe("too little traffic to judge: 4 requests in 60 s");
      expect(health.verdict("readiness")).toBe("healthy");
    });
  });

  it("takes for an error of the service what the service breaks off", async () => {
    const { service, get, message, health } = await serve({ minSamples: 1, maxErrorRatio: 1 }, (request, response) => {
      if (request.url === "/destroy") response.destroy();
      else if (request.url === "/error") response.destroy(Object.assign(new Error("upstream"), { code: "EUPSTREAM" }));
      else if (request.url === "/half") response.write("x", () => response.destroy());
      else response.end();
    });
    await get("/orders");
    for (const [place, path] of ["/destroy", "/half", "/error"].entries()) {
      await expect(fetch(`${service.url}${path}`).then((response) => response.text())).rejects.toThrow();
      await until(async () => (await message())?.startsWith(`${place + 1} of`), {
        describe: () => `${path}: ${health.checks.requests.snapshot().message}`,
      });
    }
    expect(await message()).toBe("3 of 4 requests failed in 60 s (EUPSTREAM)");
  });

  it("takes for no error what the client breaks off: by a reset, by closing, amid the answer or amid its own request", async () => {
    const { send, get, message, service } = await serve({ minSamples: 1 }, (request, response) => {
      if (request.url === "/half") response.write("x");
      else if (request.url === "/late") response.destroy();
      else if (request.url === "/orders") response.end();
    });
    await get("/orders");
    (await send("/hang")).resetAndDestroy();
    (await send("/hang")).end();
    const half = await send("/half");
    await once(half, "data");
    half.resetAndDestroy();
    (await send("/upload", "Content-Length: 10\r\n")).destroy();
    // Whose rest did not come in time.
    await send("/late", "Content-Length: 10\r\n");
    await until(
      () => new Promise<boolean>((resolve) => service.server.getConnections((_error, open) => resolve(open <= 1))),
      { describe: "the connections to close" },
    );
    await get("/orders");
    expect(await message()).toBe("0 of 2 requests failed in 60 s");
  });

  it("is done with pipelined requests once the connection has broken", async () => {
    const { clock, send, message, service } = await serve({ maxP99Ms: 2_000 });
    const socket = await send("/hang");
    const before = service.requests;
    socket.write("GET /hang HTTP/1.1\r\nHost: a\r\n\r\n".repeat(20));
    await until(() => service.requests === before + 20, { describe: "all requests" });
    socket.destroy();
    await until(
      () => new Promise<boolean>((resolve) => service.server.getConnections((_error, open) => resolve(open === 0))),
      { describe: "the connection to close" },
    );
    await clock.advance(10_000);
    expect(await message()).toBe("too little traffic to judge: 0 requests in 60 s");
  });

  it("is so where Node tells of no end of their answers, as 22 does of those that wait behind another", async () => {
    const { clock, get, message } = await serve({ maxP99Ms: 2_000 });
    await get("/orders", 5);
    const connection = new Socket().on("error", () => {});
    const request = new IncomingMessage(connection);
    request.complete = true;
    for (let nth = 0; nth < 20; nth++)
      channel("http.server.request.start").publish({ request, response: new ServerResponse(request) });
    expect(connection.listenerCount("close")).toBe(1);
    await clock.advance(50);
    connection.destroy(new Error("read ECONNRESET"));
    await until(() => connection.closed, { describe: "the connection to close" });
    await clock.advance(10_000);
    expect(await message()).toBe("0 of 5 requests failed in 60 s");
  });

  it("counts a stream's answer for what it is, and no stream that goes on as slow", async () => {
    const { clock, get, send, message } = await serve({ maxP99Ms: 1_000 }, (request, response) => {
      if (request.url === "/events") response.writeHead(200, { "content-type": "text/event-stream" }).write("data\n\n");
      else response.end();
    });
    await get("/orders", 5);
    const streams = [await send("/events"), await send("/events"), await send("/events")];
    for (const stream of streams) await once(stream, "data");
    await clock.advance(30_000);
    expect(await message()).toBe("0 of 5 requests failed in 60 s");
    for (const stream of streams) stream.destroy();
  });

  it("asks the user what to ignore and what is an error", async () => {
    const seen: Partial<ServedRequest>[] = [];
    const { get, message, service } = await serve({
      ignore({ url, method, headers, port, status }) {
        seen.push({ url, method, port, status, headers: { accept: headers["accept"] } });
        return url?.startsWith("/metrics") ?? false;
      },
      isError: ({ status, url }, failed) => failed || (status === 429 && url === "/orders?status=429"),
    });
    await get("/metrics", 10);
    await get("/orders?status=429", 2);
    await get("/other?status=429", 2);
    await get("/orders?status=501", 2);
    expect(await message()).toBe("4 of 6 requests failed in 60 s (501)");
    expect(seen[0]).toEqual({
      url: "/metrics",
      method: "GET",
      port: service.port,
      status: undefined,
      headers: { accept: "*/*" },
    });
  });

  it("warns that it can't tell probes where no health object is watched", async () => {
    const clock = new FakeClock();
    const traffic = createTraffic({ clock });
    const health = createHealth({ clock, checks: { requests: traffic.requests() } });
    await health.start();
    await clock.advance(0);
    expect(health.checks.requests.snapshot()).toMatchObject({
      status: "degraded",
      message: "probes cannot be told from requests",
      hint: "call traffic.watch(health) with the health object",
    });
    const unwatch = traffic.watch(health);
    await health.refresh();
    expect(health.checks.requests.status).toBe("healthy");
    unwatch();
    await health.refresh();
    expect(health.checks.requests.status).toBe("degraded");
    await health.stop();
  });

  it("listens from its start to its end, also where it ends amid a request", async () => {
    const heard = () => channel("http.server.request.start").hasSubscribers;
    expect(heard()).toBe(false);
    const { health, send } = await serve();
    expect(heard()).toBe(true);
    const socket = await send("/hang");
    await health.stop();
    expect(heard()).toBe(false);
    socket.destroy();
  });
});

describe("requests of HTTP/2", () => {
  /** A service that answers by the request's path, and a client of it. */
  async function serveHttp2(act: { readonly [path: string]: (stream: ServerHttp2Stream) => unknown }) {
    const service = await serve({ minSamples: 1, maxErrorRatio: 1 });
    let begun = 0;
    const server = createHttp2((request, response) => {
      begun++;
      response.on("error", () => {});
      act[request.url]?.(response.stream);
    });
    server.on("sessionError", () => {}).listen(0, "127.0.0.1");
    await once(server, "listening");
    stops.push(async () => void server.close());
    const connectClient = () => {
      const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
      const session = connectHttp2("http://127.0.0.1", { createConnection: () => socket });
      stops.push(async () => session.destroy());
      return { socket, session: session.on("error", () => {}) };
    };
    return {
      ...service,
      /** Sends a request over a connection of its own and waits for its end; `leave` is called when it has begun. */
      async get(path: string, leave?: (client: { socket: Socket; request: ClientHttp2Stream }) => void, headers = {}) {
        const { socket, session } = connectClient();
        const before = begun;
        const request = session.request({ ":path": path, ...headers });
        const closed = new Promise((resolve) => request.on("error", () => {}).once("close", resolve));
        request.resume();
        await until(() => begun > before, { describe: path });
        leave?.({ socket, request });
        await closed;
      },
      async hasMessage(expected: string) {
        await until(async () => (await service.message()) === expected, {
          describe: () => String(service.health.checks.requests.snapshot().message),
        });
      },
    };
  }

  const begin = (stream: ServerHttp2Stream) => {
    stream.respond({ ":status": 200 });
    stream.write("part");
    return stream;
  };

  it("are counted as those of HTTP/1, and gRPC's are left to its spans", async () => {
    const { get, hasMessage } = await serveHttp2({
      "/200": (stream) => begin(stream).end(),
      "/503": (stream) => stream.respond({ ":status": 503 }, { endStream: true }),
      "/readyz": (stream) => stream.respond({ ":status": 200 }, { endStream: true }),
      "/orders.v1.Orders/Get": (stream) => stream.respond({ ":status": 200 }, { endStream: true }),
    });
    for (const path of ["/200", "/503", "/readyz"]) await get(path);
    await get("/orders.v1.Orders/Get", undefined, { "content-type": "application/grpc+proto" });
    await hasMessage("1 of 2 requests failed in 60 s (503)");
  });

  it.each<[string, (stream: ServerHttp2Stream) => unknown, string]>([
    ["the answer", (stream) => stream.destroy(), "aborted"],
    ["an answer that has begun", (stream) => begin(stream).destroy(), "aborted"],
    ["the answer, with an error", (stream) => stream.destroy(new TypeError("x")), "TypeError"],
    [
      "the answer, with what a socket of its own broke with",
      (stream) => stream.destroy(Object.assign(new Error("read"), { code: "ECONNRESET", syscall: "read" })),
      "ECONNRESET",
    ],
    ["the stream, with a code", (stream) => stream.close(2), "ERR_HTTP2_STREAM_ERROR"],
    ["the session", (stream) => stream.session?.destroy(), "aborted"],
  ])("have failed where the service breaks off %s", async (_what, breakOff, errorType) => {
    const { get, hasMessage } = await serveHttp2({ "/": breakOff });
    await get("/");
    await hasMessage(`1 of 1 request failed in 60 s (${errorType})`);
  });

  it.each<[string, (client: { socket: Socket; request: ClientHttp2Stream }) => void]>([
    ["cancels", ({ request }) => request.close(8)],
    ["destroys its stream", ({ request }) => request.destroy()],
    ["destroys its session", ({ request }) => request.session?.destroy()],
    ["closes the connection", ({ socket }) => socket.destroy()],
    ["resets the connection", ({ socket }) => socket.resetAndDestroy()],
  ])("are nobody's failure where the client %s", async (_what, leave) => {
    const { get, hasMessage } = await serveHttp2({
      "/hang": () => {},
      "/half": begin,
      "/200": (stream) => stream.respond({ ":status": 200 }, { endStream: true }),
    });
    for (const path of ["/hang", "/half"]) await get(path, leave);
    await get("/200");
    await hasMessage("0 of 1 request failed in 60 s");
  });
});

describe("requests that are seen by their spans", () => {
  it("are those of gRPC and the like, without its health protocol and without HTTP's", async () => {
    const { traffic, message } = await serve({
      minSamples: 1,
      ignore: ({ attributes }) => attributes["x"] === "ignored",
    });
    const spans = new TestSpans(traffic.spanProcessor);
    const rpc = (attributes: Attributes, error?: string) =>
      spans.write({ kind: SpanKind.SERVER, later: { "rpc.system": "grpc", ...attributes }, ...(error && { error }) });
    rpc({ "rpc.grpc.status_code": 0 });
    rpc({ "rpc.grpc.status_code": 0 });
    rpc({ "rpc.grpc.status_code": 5 }, "NOT_FOUND");
    rpc({ "rpc.grpc.status_code": 13 }, "INTERNAL");
    rpc({ "rpc.grpc.status_code": 1 }, "the client cancelled");
    rpc({ "rpc.service": "grpc.health.v1.Health", "rpc.method": "Check", "rpc.grpc.status_code": 13 }, "probe");
    rpc({ "rpc.method": "grpc.health.v1.Health/Check", "rpc.status_code": "INTERNAL" }, "probe");
    rpc({ x: "ignored", "rpc.grpc.status_code": 13 }, "ignored");
    for (const name of ["http.request.method", "http.method"])
      spans.write({ kind: SpanKind.SERVER, attributes: { [name]: "GET" }, error: "counted where Node tells of it" });
    spans.write({ kind: SpanKind.CLIENT, error: "no request" });
    expect(await message()).toBe("1 of 4 requests failed in 60 s (INTERNAL)");
  });
});
