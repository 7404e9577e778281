import { context, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  SamplingDecision,
  TraceIdRatioBasedSampler,
} from "@opentelemetry/sdk-trace";
import { keepHealthSpans } from "@otel-health/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startStory } from "./story.ts";
import { TestSdk } from "./test-sdk.ts";

beforeEach(() => void context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()));
afterEach(() => context.disable());

const none = () => new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(0) });

describe("keepHealthSpans", () => {
  it("keeps what is told of health, and what checks ask while it is, where the ratio keeps nothing", async () => {
    const { clock, db, health } = await startStory();
    const sdk = new TestSdk({ sampler: keepHealthSpans(none()) }).giveTo(health);
    const client = () => sdk.tracerProvider.getTracer("client").startSpan("SELECT 1").end();
    health.register("asks", { run: client, intervalMs: 1_000, failureThreshold: 1 });
    db.fails();
    await clock.advance(30_000);
    db.passes();
    await clock.advance(20_000);
    client();
    expect(new Set(sdk.spans.map(({ name }) => name))).toEqual(
      new Set(["health.transition asks", "health.check db", "health.transition db", "health.outage db"]),
    );
    const [transition] = sdk.spansOf("health.transition db");
    expect(transition?.attributes["health.incident.id"]).toBe(transition?.spanContext().traceId);
  });

  it("keeps the client spans inside of a run", async () => {
    const sdk = new TestSdk({ sampler: keepHealthSpans(none()) });
    const { clock, db, health } = await startStory();
    sdk.giveTo(health);
    health.register("asks", {
      failureThreshold: 1,
      run: () => {
        sdk.tracerProvider.getTracer("client").startSpan("SELECT 1").end();
        throw new Error("down");
      },
    });
    db.passes();
    await clock.advance(5_000);
    const calls = sdk.spansOf("SELECT 1");
    expect(calls.length).toBeGreaterThan(0);
    for (const { parentSpanContext } of calls)
      expect(sdk.spansOf("health.check asks").map((span) => span.spanContext().spanId)).toContain(
        parentSpanContext?.spanId,
      );
  });

  it("asks the sampler that it wraps of everything else, and of ours for the trace state", () => {
    const traceState = { get: () => "1", set: () => traceState, unset: () => traceState, serialize: () => "a=1" };
    const asked: string[] = [];
    const wrapped: Sampler = {
      shouldSample(_context, _traceId, name) {
        asked.push(name);
        return { decision: SamplingDecision.NOT_RECORD, traceState, attributes: { "sampling.rule": "none" } };
      },
      toString: () => "None",
    };
    const sampler: Pick<Sampler, "shouldSample" | "toString"> = keepHealthSpans(wrapped);
    const ask = (name: string, attributes: object) =>
      sampler.shouldSample(context.active(), "4bf92f3577b34da6a3ce929d0e0e4736", name, 0, { ...attributes }, []);
    const refused = { decision: SamplingDecision.NOT_RECORD, traceState, attributes: { "sampling.rule": "none" } };
    expect(ask("GET /orders", {})).toEqual(refused);
    expect(ask("health.check db", {})).toEqual(refused);
    expect(ask("health.checkup db", { "health.check.name": "db" })).toEqual(refused);
    for (const name of ["health.check", "health.transition", "health.outage"])
      expect(ask(`${name} db`, { "health.check.name": "db" })).toEqual({
        ...refused,
        decision: SamplingDecision.RECORD_AND_SAMPLED,
      });
    expect(ask("health.check undefined", {})).toEqual(refused);
    expect(asked).toHaveLength(7);
    expect(`${sampler}`).toBe("KeepHealthSpans{None}");
  });

  it("keeps ours where the wrapped sampler throws, and lets others fail as they would without it", () => {
    const sampler = keepHealthSpans({
      shouldSample() {
        throw new Error("broken");
      },
    } as unknown as Sampler);
    const ask = (name: string) =>
      sampler.shouldSample(
        context.active(),
        "4bf92f3577b34da6a3ce929d0e0e4736",
        name,
        0,
        { "health.check.name": "db" },
        [],
      );
    expect(ask("health.check db")).toEqual({ decision: SamplingDecision.RECORD_AND_SAMPLED });
    expect(() => ask("GET /")).toThrow("broken");
  });

  it("changes nothing for a sampler that keeps all or is asked through the globals", async () => {
    const sdk = new TestSdk({ sampler: keepHealthSpans(new AlwaysOnSampler()) });
    trace.setGlobalTracerProvider(sdk.tracerProvider);
    trace.getTracer("app").startSpan("GET /").end();
    trace.disable();
    expect(sdk.spans.map(({ name }) => name)).toEqual(["GET /"]);
    const off = new TestSdk({ sampler: keepHealthSpans(new AlwaysOffSampler()) });
    off.tracerProvider.getTracer("app").startSpan("GET /").end();
    expect(off.spans).toEqual([]);
  });
});
