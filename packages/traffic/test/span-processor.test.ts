import { diag, ROOT_CONTEXT, SamplingDecision, SpanKind, TraceFlags, trace } from "@opentelemetry/api";
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  InMemorySpanExporter,
  ParentBasedSampler,
  type SpanProcessor,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import { createHealth, keepHealthSpans, pass } from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import { createTraffic, type TrafficSpanProcessor } from "@otel-health/traffic";
import { describe, expect, expectTypeOf, it } from "vitest";
import { TestSpans } from "./test-spans.ts";

const redis = { "db.system.name": "redis" };

async function start() {
  const clock = new FakeClock();
  const traffic = createTraffic({ clock });
  const health = createHealth({ clock, checks: { redis: traffic.passive({ match: redis, active: () => pass() }) } });
  await health.start();
  await clock.advance(0);
  return {
    traffic,
    health,
    async message() {
      await health.refresh();
      return health.checks.redis.snapshot().message;
    },
  };
}

describe("the span processor", () => {
  it("is one", async () => {
    expectTypeOf<TrafficSpanProcessor>().toExtend<SpanProcessor>();
    const { spanProcessor } = createTraffic();
    await spanProcessor.forceFlush();
    await spanProcessor.shutdown();
  });

  it("may be there long before a health object, and after it", async () => {
    const traffic = createTraffic();
    const spans = new TestSpans(traffic.spanProcessor);
    for (const kind of [0, 1, 2, 3, 4]) spans.write({ kind, attributes: redis });
    const health = createHealth({ checks: { redis: traffic.passive({ match: redis }) } });
    await health.start();
    await health.stop();
    for (const kind of [0, 1, 2, 3, 4]) spans.write({ kind, attributes: redis });
    expect(spans.exporter.getFinishedSpans()).toHaveLength(10);
  });

  it("counts a call of undici's instrumentation not a second time", async () => {
    const { traffic, health, message } = await start();
    const spans = new TestSpans(traffic.spanProcessor);
    for (let nth = 0; nth < 12; nth++) spans.write({ attributes: redis });
    for (let nth = 0; nth < 12; nth++)
      spans.write({
        attributes: redis,
        error: "seen by undici itself",
        scope: "@opentelemetry/instrumentation-undici",
      });
    expect(await message()).toBe("0 of 12 calls failed in 10 s");
    await health.stop();
  });

  it("throws nothing into the application, whatever a span is", async () => {
    const complaints: unknown[] = [];
    const ignore = () => {};
    diag.setLogger({
      verbose: ignore,
      debug: ignore,
      info: ignore,
      warn: ignore,
      error: (what) => complaints.push(what),
    });
    const { traffic, health } = await start();
    const { spanProcessor } = traffic;
    for (const span of [
      { kind: SpanKind.CLIENT },
      { kind: SpanKind.CLIENT, attributes: null },
      { kind: SpanKind.CLIENT, attributes: redis },
    ]) {
      spanProcessor.onStart(span as never, ROOT_CONTEXT);
      spanProcessor.onStart(span as never, undefined as never);
      spanProcessor.onEnd(span as never);
    }
    diag.disable();
    expect(complaints).toEqual(["otel-health: reading a span threw"]);
    await health.stop();
  });

  it("lets two of them share nothing", async () => {
    const [one, other] = [await start(), await start()];
    const spans = new TestSpans(one.traffic.spanProcessor);
    for (let nth = 0; nth < 12; nth++) spans.write({ attributes: redis });
    expect(await one.message()).toBe("0 of 12 calls failed in 10 s");
    expect(await other.message()).toBe("active: passed (no calls in 10 s)");
    for (const { health } of [one, other]) await health.stop();
  });
});

describe("recordOnly()", () => {
  const parentOf = (traceFlags: TraceFlags) =>
    trace.setSpanContext(ROOT_CONTEXT, {
      traceId: "0af7651916cd43dd8448eb211c80319c",
      spanId: "b7ad6b7169203331",
      traceFlags,
    });

  it("shows the check every call, and the exporter what the sampler chose", async () => {
    const { traffic, health, message } = await start();
    const exporter = new InMemorySpanExporter();
    const batch = new BatchSpanProcessor({ exporter });
    const sampler = traffic.recordOnly(new ParentBasedSampler({ root: new AlwaysOffSampler() }));
    const provider = new TracerProvider({ sampler, spanProcessors: [traffic.spanProcessor, batch] });
    const tracer = provider.getTracer("test");
    const call = (traceFlags: TraceFlags, kind = SpanKind.CLIENT) => {
      const span = tracer.startSpan("call", { kind, attributes: redis }, parentOf(traceFlags));
      span.end();
      return span;
    };
    for (let nth = 0; nth < 10; nth++) call(TraceFlags.NONE);
    for (let nth = 0; nth < 5; nth++) call(TraceFlags.SAMPLED);
    expect(call(TraceFlags.NONE, SpanKind.INTERNAL).isRecording()).toBe(false);
    await batch.forceFlush();
    expect(exporter.getFinishedSpans()).toHaveLength(5);
    expect(await message()).toBe("0 of 15 calls failed in 10 s");
    await health.stop();
  });

  it("records the kinds that are asked for, leaves every other answer as it was, and says what it is", () => {
    const { recordOnly } = createTraffic();
    const answer = { decision: SamplingDecision.NOT_RECORD, attributes: { from: "sampler" } };
    const sampler = recordOnly({ shouldSample: () => answer, toString: () => "Mine" }, { kinds: [SpanKind.CLIENT] });
    const ask = (kind: SpanKind) =>
      (sampler.shouldSample as (...args: unknown[]) => object)(ROOT_CONTEXT, "id", "name", kind, {}, []);
    expect(ask(SpanKind.CLIENT)).toEqual({ decision: SamplingDecision.RECORD, attributes: { from: "sampler" } });
    expect(ask(SpanKind.SERVER)).toBe(answer);
    expect(answer.decision).toBe(SamplingDecision.NOT_RECORD);
    expect(`${sampler}`).toBe("RecordOnly{Mine}");
    expect(`${recordOnly(keepHealthSpans(new AlwaysOnSampler()))}`).toBe(
      "RecordOnly{KeepHealthSpans{AlwaysOnSampler}}",
    );
  });
});
