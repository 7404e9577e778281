import { SpanKind, TraceFlags } from "@opentelemetry/api";
import { SamplingDecision, SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { createHealth, fail, pass, warn } from "@otel-health/core";
import { FakeClock, scripted } from "@otel-health/core/testing";
import { createTraffic } from "@otel-health/traffic";
import { afterEach, describe, expect, it } from "vitest";
import { TestSpans } from "../test-spans.ts";

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

const strict = { failureThreshold: 1, gracePeriodMs: 0, jitter: 0, intervalMs: 1_000 };

/** A traced service with a database and a cache. */
async function serve({ sampled = true, watch = true } = {}) {
  const clock = new FakeClock();
  const traffic = createTraffic({ clock });
  const db = scripted(pass());
  const cache = scripted(pass());
  const health = createHealth({
    clock,
    checks: { db: { ...db, ...strict }, cache: { ...cache, ...strict, critical: false } },
  });
  const spans = new TestSpans(traffic.spanProcessor);
  const sampling = { sampled };
  const shouldSample = () => ({
    decision: sampling.sampled ? SamplingDecision.RECORD_AND_SAMPLED : SamplingDecision.NOT_RECORD,
  });
  const ofHealth = new TracerProvider({
    sampler: { shouldSample },
    spanProcessors: [new SimpleSpanProcessor({ exporter: spans.exporter })],
  });
  health.instrumentation.setTracerProvider(ofHealth);
  const unwatch = watch ? traffic.watch(health) : () => {};
  await health.start();
  await clock.advance(0);
  stops.push(() => health.stop());
  return {
    clock,
    traffic,
    health,
    spans,
    sampling,
    db,
    cache,
    unwatch,
    /** What the span of a request served now says. */
    serve(kind = SpanKind.SERVER) {
      spans.write({ kind });
      const span = spans.exporter.getFinishedSpans().at(-1);
      return { names: span?.attributes["health.degraded"], links: span?.links.map(({ context }) => context) };
    },
    transition: (name: string) =>
      spans.exporter
        .getFinishedSpans()
        .find((span) => span.name === `health.transition ${name}` && span.status.code === 2),
  };
}

describe("the span of a request", () => {
  it("says nothing while all is well", async () => {
    const { serve: request } = await serve();
    expect(request()).toEqual({ names: undefined, links: [] });
  });

  it("names what is wrong and links to the transition that opened the incident, until it is over", async () => {
    const { clock, serve: request, db, transition } = await serve();
    db.set(fail("down"));
    await clock.advance(1_000);
    const opened = transition("db")?.spanContext();
    const expected = { traceId: opened?.traceId, spanId: opened?.spanId, traceFlags: TraceFlags.SAMPLED };
    expect(opened?.traceId).toMatch(/^\w{32}$/);
    expect(request()).toEqual({ names: ["db"], links: [expected] });
    db.set(pass());
    await clock.advance(2_000);
    expect(request()).toEqual({ names: undefined, links: [] });
  });

  it("links to the beginning of an incident also where that has become worse", async () => {
    const { clock, serve: request, db, spans } = await serve();
    db.set(warn("slow"));
    await clock.advance(1_000);
    const [first] = request().links ?? [];
    db.set(fail("down"));
    await clock.advance(1_000);
    expect(request()).toEqual({ names: ["db"], links: [first] });
    const transitions = spans.exporter.getFinishedSpans().filter(({ name }) => name === "health.transition db");
    expect(transitions.map((span) => span.attributes["health.state"])).toEqual(["healthy", "degraded", "unhealthy"]);
    expect(first?.spanId).toBe(transitions[1]?.spanContext().spanId);
  });

  it("names all that is wrong, each with its own incident", async () => {
    const { clock, serve: request, db, cache } = await serve();
    db.set(fail("down"));
    cache.set(fail("down"));
    await clock.advance(1_000);
    const { names, links } = request();
    expect(names).toEqual(["db", "cache"]);
    expect(new Set(links?.map(({ traceId }) => traceId)).size).toBe(2);
  });

  it("names it without a link where the transition was not sampled", async () => {
    const { clock, serve: request, db } = await serve({ sampled: false });
    db.set(fail("down"));
    await clock.advance(1_000);
    expect(request()).toEqual({ names: ["db"], links: [] });
  });

  it("does not link to an incident that is over, where the next one is not sampled", async () => {
    const { clock, serve: request, db, sampling } = await serve();
    db.set(fail("down"), pass(), fail("down again"));
    await clock.advance(1_000);
    expect(request().links).toHaveLength(1);
    sampling.sampled = false;
    await clock.advanceUntil(() => request().names === undefined, { withinMs: 5_000 });
    await clock.advanceUntil(() => request().names !== undefined, { withinMs: 5_000 });
    expect(request()).toEqual({ names: ["db"], links: [] });
  });

  it("is the only one that is marked", async () => {
    const { clock, serve: request, db } = await serve();
    db.set(fail("down"));
    await clock.advance(1_000);
    for (const kind of [SpanKind.INTERNAL, SpanKind.CLIENT, SpanKind.PRODUCER, SpanKind.CONSUMER])
      expect(request(kind)).toEqual({ names: undefined, links: [] });
  });

  it("names sixteen at most", async () => {
    const { clock, health, serve: request } = await serve();
    for (let nth = 0; nth < 40; nth++) health.register(`check-${nth}`, { run: () => fail("down"), ...strict });
    await clock.advance(1_000);
    expect(request().names).toHaveLength(16);
    expect(request().links).toHaveLength(16);
  });

  it("forgets a check that is unregistered in the middle of its incident", async () => {
    const { clock, health, serve: request, db } = await serve();
    db.set(fail("down"));
    await clock.advance(1_000);
    await health.unregister("db");
    expect(request()).toEqual({ names: undefined, links: [] });
  });

  it("is not marked by a health object that is not watched, or no longer", async () => {
    const { clock, serve: request, db, unwatch } = await serve();
    db.set(fail("down"));
    await clock.advance(1_000);
    expect(request().names).toEqual(["db"]);
    unwatch();
    expect(request()).toEqual({ names: undefined, links: [] });
    const other = await serve({ watch: false });
    other.db.set(fail("down"));
    await other.clock.advance(1_000);
    expect(other.serve()).toEqual({ names: undefined, links: [] });
  });

  it("is marked also where it can't be linked, and harmed by nobody who changes what it says", async () => {
    const { clock, traffic, db, serve: request } = await serve();
    db.set(fail("down"));
    await clock.advance(1_000);
    const told: [string, unknown][] = [];
    const span = {
      kind: SpanKind.SERVER,
      attributes: {},
      setAttribute: (key: string, value: unknown) => {
        told.push([key, value]);
        (value as string[]).push("changed");
      },
    };
    traffic.spanProcessor.onStart(span, undefined as never);
    expect(told).toEqual([["health.degraded", ["db", "changed"]]]);
    expect(request().names).toEqual(["db"]);
  });
});
