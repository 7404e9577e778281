import type { ServerResponse } from "node:http";
import { createRequire } from "node:module";
import { context, type Span, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { HttpInstrumentation } from "@opentelemetry/instrumentation-http";
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { attachHealth, createHealth, healthMiddleware, listenHealth } from "@otel-health/http";
import { RawConnection } from "@otel-health/testkit";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { served } from "./served.ts";

const exporter = new InMemorySpanExporter();
const tracerProvider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
beforeAll(() => {
  trace.setGlobalTracerProvider(tracerProvider);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
});
beforeEach(() => exporter.reset());
afterAll(() => {
  trace.disable();
  context.disable();
});

async function get(port: number, path: string): Promise<number> {
  using connection = new RawConnection(port);
  return (await connection.send(`GET ${path} HTTP/1.0\r\n\r\n`).response()).status;
}

const app = (_request: unknown, response: ServerResponse) => response.end("app");
/** The paths of the requests that there are server spans of. */
const tracedPaths = () => exporter.getFinishedSpans().map(({ attributes }) => attributes["url.path"]);

describe("the HTTP instrumentation", () => {
  const health = createHealth();
  const instrumentation = new HttpInstrumentation({ enabled: false });
  beforeAll(() => {
    instrumentation.setTracerProvider(tracerProvider);
    instrumentation.enable();
    // It patches Server.prototype when node:http is first required.
    createRequire(import.meta.url)("node:http");
  });
  beforeEach(() => instrumentation.setConfig({}));
  afterAll(() => instrumentation.disable());

  it("makes no spans of probes over attachHealth, and one of every other request", async () => {
    await using server = await served(app, (bare) => attachHealth(bare, health));
    for (const path of ["/livez", "/orders", "/readyz", "/livez/?a"]) await get(server.port, path);
    expect(tracedPaths()).toEqual(["/orders"]);
  });

  it("makes none either when it is enabled later, nor any when it is disabled", async () => {
    instrumentation.disable();
    await using server = await served(app, (bare) => attachHealth(bare, health));
    await get(server.port, "/orders");
    expect(tracedPaths()).toEqual([]);
    instrumentation.enable();
    for (const path of ["/livez", "/orders"]) await get(server.port, path);
    expect(tracedPaths()).toEqual(["/orders"]);
  });

  it("makes no spans of what listenHealth serves", async () => {
    await using server = await listenHealth(health, { host: "127.0.0.1" });
    await get(server.port, "/livez");
    await get(server.port, "/readyz");
    expect(tracedPaths()).toEqual([]);
  });

  it("makes spans of probes that reach a middleware, unless its hook is told", async () => {
    await using server = await served(healthMiddleware(health));
    await get(server.port, "/livez");
    expect(tracedPaths()).toEqual(["/livez"]);
    exporter.reset();
    instrumentation.setConfig({ ignoreIncomingRequestHook: (request) => health.isHealthRequest(request) });
    for (const path of ["/livez", "/orders"]) await get(server.port, path);
    expect(tracedPaths()).toEqual(["/orders"]);
  });
});

describe("a span that other middleware starts when a response ends", () => {
  /** What session middleware does: it saves when the response is sent. */
  function saveAtEnd(response: ServerResponse, spans: Span[]): void {
    const start = () => {
      const span = trace.getTracer("session").startSpan("save");
      spans.push(span);
      span.end();
    };
    const { end } = response;
    response.end = function (this: ServerResponse, ...args: unknown[]) {
      start();
      return Reflect.apply(end, this, args);
    } as ServerResponse["end"];
    response.on("finish", start);
  }

  it.each(["attachHealth", "healthMiddleware"])("does not record for a probe over %s", async (way) => {
    const health = createHealth();
    const middleware = healthMiddleware(health);
    const spans: Span[] = [];
    await using server = await served(
      (request, response) =>
        way === "attachHealth" ? response.end("app") : middleware(request, response, () => response.end("app")),
      (bare) => {
        if (way === "attachHealth") attachHealth(bare, health);
        const { emit } = bare;
        bare.emit = function (this: typeof bare, ...args: unknown[]) {
          if (args[0] !== "request") return Reflect.apply(emit, this, args);
          saveAtEnd(args[2] as ServerResponse, spans);
          // A span is active around the request, as under an instrumented server.
          const around = trace.setSpan(context.active(), trace.getTracer("server").startSpan("GET"));
          return context.with(around, () => Reflect.apply(emit, this, args));
        };
      },
    );
    await get(server.port, "/livez");
    expect(spans.map((span) => span.isRecording())).toEqual([false, false]);
    expect(exporter.getFinishedSpans()).toEqual([]);
    await get(server.port, "/orders");
    expect(exporter.getFinishedSpans().map(({ name }) => name)).toEqual(["save", "save"]);
  });
});
