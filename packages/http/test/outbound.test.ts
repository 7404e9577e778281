import { createRequire } from "node:module";
import { context, isSpanContextValid, propagation, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { HttpInstrumentation } from "@opentelemetry/instrumentation-http";
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { createHealth } from "@otel-health/http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { served } from "./served.ts";

/** As the instrumentation patches it: the names that ES modules import stay as they were. */
const http = () => createRequire(import.meta.url)("node:http") as typeof import("node:http");
const exporter = new InMemorySpanExporter();
const tracerProvider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
const instrumentation = new HttpInstrumentation({ enabled: false, disableIncomingRequestInstrumentation: true });

beforeAll(() => {
  trace.setGlobalTracerProvider(tracerProvider);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  // What the W3C propagator does, as far as this test looks.
  propagation.setGlobalPropagator({
    inject(active, carrier, setter) {
      const span = trace.getSpanContext(active);
      if (span !== undefined && isSpanContextValid(span))
        setter.set(carrier, "traceparent", `00-${span.traceId}-${span.spanId}-01`);
    },
    extract: (active) => active,
    fields: () => ["traceparent"],
  });
  instrumentation.setTracerProvider(tracerProvider);
  instrumentation.enable();
});
afterAll(() => {
  instrumentation.disable();
  propagation.disable();
  trace.disable();
  context.disable();
});

describe("a check that asks over HTTP, with the instrumentation of the client", () => {
  it("is traced, and hands its trace on, from its second failure in a row to its recovery and not else", async () => {
    let status = 200;
    const received: (string | undefined)[] = [];
    await using dependency = await served((request, response) => {
      received.push(request.headers["traceparent"] as string | undefined);
      response.writeHead(status).end();
    });
    const ask = () =>
      new Promise<void>((resolve, reject) => {
        http()
          .get(`http://127.0.0.1:${dependency.port}/health`, (response) => {
            response
              .resume()
              .on("end", () => (response.statusCode === 200 ? resolve() : reject(new Error("not well"))));
          })
          .on("error", reject);
      });
    await using health = createHealth({ checks: { billing: { run: ask, failureThreshold: 2, gracePeriodMs: 0 } } });
    // Without a start nothing is scheduled: each of these is one run.
    const run = async (answer: number) => {
      status = answer;
      exporter.reset();
      await health.refresh();
      const spans = exporter.getFinishedSpans();
      const call = spans.find(({ kind }) => kind === 2);
      const check = spans.find(({ name }) => name === "health.check billing");
      return {
        handedOn: received.at(-1) !== undefined,
        span: check !== undefined,
        inside: call !== undefined && call.parentSpanContext?.spanId === check?.spanContext().spanId,
      };
    };
    const nothing = { handedOn: false, span: false, inside: false };
    const all = { handedOn: true, span: true, inside: true };
    expect(await run(200)).toEqual(nothing);
    expect(await run(503)).toEqual({ ...nothing, span: true });
    expect(await run(503)).toEqual(all);
    expect(health.checks.billing.status).toBe("unhealthy");
    expect(await run(200)).toEqual(all);
    expect(health.checks.billing.status).toBe("healthy");
    expect(await run(200)).toEqual(nothing);
  });
});
