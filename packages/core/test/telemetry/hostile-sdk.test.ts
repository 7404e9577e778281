import type { Logger, LoggerProvider, Span, SpanContext, Tracer, TracerProvider } from "@opentelemetry/api";
import {
  InMemoryLogRecordExporter,
  LoggerProvider as SdkLoggerProvider,
  SimpleLogRecordProcessor,
} from "@opentelemetry/sdk-logs";
import { SimpleSpanProcessor, type SpanExporter, type SpanProcessor } from "@opentelemetry/sdk-trace";
import { createHealth, push, type Transition } from "@otel-health/core";
import { FakeClock, settle } from "@otel-health/core/testing";
import { describe, expect, it } from "vitest";
import { collectDiag } from "../hostile/diag-lines.ts";
import { revoked, untouchable } from "../hostile/hostile-thrown.ts";
import { TestSdk } from "./test-sdk.ts";

function refuse(): never {
  throw new Error("broken");
}

/** All zeros lead nowhere. */
const hex32 = /^(?!0+$)[0-9a-f]{32}$/;

/** One incident from end to end; every state and answer must be as without an SDK. */
async function expectUnharmed(give: (health: ReturnType<typeof makeHealth>) => void) {
  const lines = collectDiag();
  const health = makeHealth();
  give(health);
  const heard: Transition[] = [];
  health.on("transition", (transition) => void heard.push(transition));
  await health.start();

  health.checks.told.pass();
  expect(health.respond({ method: "GET", url: "/readyz" })?.status).toBe(200);
  health.checks.told.fail("down");
  const { status, incidentId } = health.checks.told.snapshot();
  expect(status).toBe("unhealthy");
  expect(incidentId).toMatch(hex32);
  expect(health.respond({ method: "GET", url: "/readyz" })?.status).toBe(503);
  health.checks.told.pass();
  expect(health.respond({ method: "GET", url: "/readyz" })?.status).toBe(200);
  await settle();
  await health.stop();

  expect(heard.filter(({ type }) => type === "check").map(({ state, incidentId: id }) => [state, id])).toEqual([
    ["healthy", null],
    ["unhealthy", incidentId],
    ["healthy", incidentId],
  ]);
  return { lines, heard };
}

function makeHealth() {
  return createHealth({ clock: new FakeClock(), checks: { told: push() } });
}

const quiet: SpanProcessor = {
  onStart() {},
  onEnd() {},
  forceFlush: async () => {},
  shutdown: async () => {},
};

describe("a span processor", () => {
  it.each<[string, Partial<SpanProcessor>]>([
    ["throws at the start", { onStart: refuse }],
    ["throws at the end", { onEnd: refuse }],
    [
      "throws what nobody can look at",
      {
        onEnd() {
          throw untouchable();
        },
      },
    ],
    [
      "changes the span that it is given",
      { onStart: (span) => void span.setAttributes({ "health.state": "mine" }).updateName("mine") },
    ],
  ])("that %s changes no state", async (_, hostile) => {
    const sdk = new TestSdk({ spanProcessors: [{ ...quiet, ...hostile }] });
    await expectUnharmed((health) => sdk.giveTo(health));
    expect(sdk.logs.filter(({ eventName }) => eventName === "health.check.transition")).toHaveLength(3);
  });
});

describe("a span exporter", () => {
  it.each<[string, SpanExporter["export"]]>([
    ["throws", refuse],
    ["never calls back", () => {}],
    ["reports a failure", (_, done) => done({ code: 1, error: new Error("refused") })],
    [
      "reports twice",
      (_, done) => {
        done({ code: 0 });
        done({ code: 1 });
      },
    ],
  ])("that %s changes no state", async (_, hostile) => {
    const exporter: SpanExporter = { export: hostile, shutdown: async () => {} };
    const sdk = new TestSdk({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
    await expectUnharmed((health) => sdk.giveTo(health));
    expect(sdk.spansOf("health.transition")).toHaveLength(3);
  });
});

describe("a sampler", () => {
  it.each<[string, () => unknown]>([
    ["throws", refuse],
    ["decides nothing", () => ({})],
    ["returns nothing", () => undefined],
  ])("that %s changes no state", async (_, shouldSample) => {
    const sdk = new TestSdk({ sampler: { shouldSample: shouldSample as never, toString: () => "hostile" } });
    const { heard } = await expectUnharmed((health) => sdk.giveTo(health));
    expect(heard.every(({ traceId }) => traceId === null)).toBe(true);
    expect(sdk.logs.filter(({ eventName }) => eventName === "health.check.transition")).toHaveLength(3);
  });
});

/** A tracer provider that is a real one but for what is given. */
function tracing(over: { provider?: object; tracer?: object; span?: object }): TracerProvider {
  const { tracerProvider } = new TestSdk();
  const overlay = <T extends object>(
    inner: T,
    given: object = {},
    wrap: (value: unknown) => unknown = (value) => value,
  ): T =>
    new Proxy(inner, {
      get(target, key) {
        if (key in given) return Reflect.get(given, key);
        const value = Reflect.get(target, key);
        return typeof value === "function" ? (...args: unknown[]) => wrap(Reflect.apply(value, target, args)) : value;
      },
    });
  const span = (inner: unknown) => overlay(inner as Span, over.span);
  const tracer = (inner: unknown) => overlay(inner as Tracer, over.tracer, span);
  return overlay<TracerProvider>(tracerProvider, over.provider, tracer);
}

describe("a tracer provider", () => {
  const broken: SpanContext = { traceId: "0".repeat(32), spanId: "0".repeat(16), traceFlags: 1 };

  it.each<[string, TracerProvider]>([
    ["throws", tracing({ provider: { getTracer: refuse } })],
    ["gives no tracer", tracing({ provider: { getTracer: () => undefined } })],
    ["gives a tracer that throws", tracing({ tracer: { startSpan: refuse } })],
    ["gives a tracer without spans", tracing({ tracer: { startSpan: () => undefined } })],
    ["gives spans without a context", tracing({ span: { spanContext: () => undefined } })],
    ["gives spans whose context throws", tracing({ span: { spanContext: refuse } })],
    ["gives spans of an invalid context", tracing({ span: { spanContext: () => broken } })],
    ["gives spans that take no status", tracing({ span: { setStatus: refuse } })],
    ["gives spans that take no attribute", tracing({ span: { setAttribute: refuse } })],
    ["gives spans that do not end", tracing({ span: { end: refuse } })],
    ["gives what nobody can look at", tracing({ provider: { getTracer: () => untouchable() } })],
    ["is no provider", {} as TracerProvider],
    ["is what nobody can look at", untouchable() as TracerProvider],
  ])("that %s changes no state", async (_, provider) => {
    await expectUnharmed(({ instrumentation }) => instrumentation.setTracerProvider(provider));
  });

  it("that throws is complained of without harm to the events", async () => {
    const sdk = new TestSdk();
    const { lines } = await expectUnharmed((health) => {
      sdk.giveTo(health);
      health.instrumentation.setTracerProvider(tracing({ tracer: { startSpan: refuse } }));
    });
    expect(lines.map(([level, message]) => `${level} ${message}`)).toContain(
      "error otel-health: writing the span health.transition told",
    );
    const events = sdk.logs.filter(({ eventName }) => eventName === "health.check.transition");
    expect(events.map(({ attributes }) => attributes["health.state"])).toEqual(["healthy", "unhealthy", "healthy"]);
  });
});

describe("a logger provider", () => {
  const logger = (over: Partial<Logger>): LoggerProvider => ({
    getLogger: () => ({ emit() {}, enabled: () => true, ...over }),
  });

  it.each<[string, LoggerProvider]>([
    ["throws", { getLogger: refuse }],
    ["gives no logger", { getLogger: () => undefined as never }],
    ["gives a logger that throws", logger({ emit: refuse })],
    ["gives a logger whose `enabled` throws", logger({ enabled: refuse })],
    ["gives a logger without `enabled`, as API 1.9 has it", logger({ enabled: undefined as never })],
    ["gives what nobody can look at", { getLogger: () => untouchable() as Logger }],
    ["is a revoked proxy", revoked() as LoggerProvider],
  ])("that %s changes no state", async (_, provider) => {
    await expectUnharmed(({ instrumentation }) => instrumentation.setLoggerProvider(provider));
  });

  it("whose processor or exporter throws changes no state", async () => {
    const exporter = Object.assign(new InMemoryLogRecordExporter(), { export: refuse });
    const onEmit = { onEmit: refuse, forceFlush: async () => {}, shutdown: async () => {} };
    for (const processor of [new SimpleLogRecordProcessor({ exporter }), onEmit])
      await expectUnharmed(({ instrumentation }) =>
        instrumentation.setLoggerProvider(new SdkLoggerProvider({ processors: [processor] })),
      );
  });

  it("that has switched a logger off is not given events to write", async () => {
    const emitted: unknown[] = [];
    await expectUnharmed(({ instrumentation }) =>
      instrumentation.setLoggerProvider(logger({ enabled: () => false, emit: (record) => emitted.push(record) })),
    );
    expect(emitted).toEqual([]);
  });

  it("without `enabled` is given every event", async () => {
    const emitted: unknown[] = [];
    await expectUnharmed(({ instrumentation }) =>
      instrumentation.setLoggerProvider(
        logger({ enabled: undefined as never, emit: (record) => emitted.push(record.eventName) }),
      ),
    );
    expect(emitted.filter((name) => name === "health.check.transition")).toHaveLength(3);
  });
});

describe("a meter provider", () => {
  it.each([
    ["is no provider", {}],
    ["is what nobody can look at", untouchable()],
    ["gives no meter", { getMeter: () => undefined }],
    ["gives what nobody can look at", { getMeter: () => untouchable() }],
  ])("that %s changes no state", async (_, provider) => {
    await expectUnharmed(({ instrumentation }) => instrumentation.setMeterProvider(provider as never));
  });
});
