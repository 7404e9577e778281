import { context, type Meter } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { createHealth, isHealthContext } from "@otel-health/core";
import { FakeClock, settle } from "@otel-health/core/testing";
import { afterEach, describe, expect, it } from "vitest";
import { collectDiag } from "../hostile/diag-lines.ts";
import { TestReader, TestSdk } from "./test-sdk.ts";

afterEach(() => context.disable());

const scope = { name: "@acme/queue", version: "2.1.0" };

/** An instrument of a companion, and what was done to it. */
function gauge(value: number) {
  const told: string[] = [];
  const bind = (meter: Meter) => {
    told.push("bound");
    const depth = meter.createObservableGauge("acme.queue.depth");
    const observe = (result: { observe(value: number): void }) => result.observe(value);
    depth.addCallback(observe);
    return () => {
      told.push("unbound");
      depth.removeCallback(observe);
    };
  };
  return { told, bind };
}

describe("the meter of a companion", () => {
  it("is of the provider that there is, in the companion's own scope", async () => {
    const health = createHealth({ clock: new FakeClock() });
    const sdk = new TestSdk().giveTo(health);
    const { bind, told } = gauge(7);
    health.telemetry(scope).meter(bind);
    expect(told).toEqual(["bound"]);
    const { resourceMetrics } = await sdk.reader.collect();
    const own = resourceMetrics.scopeMetrics.find(({ scope: { name } }) => name === "@acme/queue");
    expect(own?.scope).toMatchObject(scope);
    expect(own?.metrics[0]?.dataPoints[0]?.value).toBe(7);
  });

  it("is of the provider that comes late, and of the one that takes its place", async () => {
    const clock = new FakeClock();
    const health = createHealth({ clock });
    const { bind, told } = gauge(7);
    health.telemetry(scope).meter(bind);
    expect(told).toEqual(["bound"]); // To the API's own, which does nothing.
    const first = new TestReader();
    health.instrumentation.setMeterProvider(new MeterProvider({ readers: [first] }));
    expect(told).toEqual(["bound", "unbound", "bound"]);
    const second = new TestReader();
    health.instrumentation.setMeterProvider(new MeterProvider({ readers: [second] }));
    expect(told).toEqual(["bound", "unbound", "bound", "unbound", "bound"]);
    expect((await first.read()).values("acme.queue.depth")).toEqual({});
    expect((await second.read()).values("acme.queue.depth")).toEqual({ "": 7 });
  });

  it("is let go of when its instruments are taken off, once", async () => {
    const health = createHealth({ clock: new FakeClock() });
    new TestSdk().giveTo(health);
    const { bind, told } = gauge(7);
    const off = health.telemetry(scope).meter(bind);
    off();
    off();
    health.instrumentation.setMeterProvider(new MeterProvider());
    expect(told).toEqual(["bound", "unbound"]);
  });

  it("harms nobody where binding throws", () => {
    const lines = collectDiag();
    const health = createHealth({ clock: new FakeClock() });
    const { bind, told } = gauge(7);
    health.telemetry(scope).meter(() => {
      throw new Error("no instruments");
    });
    health.telemetry({ name: "other" }).meter(bind);
    expect(told).toEqual(["bound"]);
    expect(lines).toEqual([["error", "otel-health: binding the instruments of @acme/queue", expect.any(Error)]]);
  });
});

describe("the spans and events of a companion", () => {
  it("are of its scope, and an event is in the trace of its span", async () => {
    const health = createHealth({ clock: new FakeClock() });
    const sdk = new TestSdk().giveTo(health);
    const telemetry = health.telemetry(scope);
    const span = telemetry.span({
      name: "acme.drain",
      from: 1_000,
      to: 3_500,
      attributes: { "acme.queue.name": "mail" },
      error: "two left",
    });
    telemetry.event({
      name: "acme.drained",
      severity: "warn",
      timestamp: 3_500,
      body: "drained",
      attributes: { n: 2 },
      span,
    });
    expect(sdk.spans[0]).toMatchObject({
      name: "acme.drain",
      startTime: [1, 0],
      endTime: [3, 500_000_000],
      status: { code: 2, message: "two left" },
      attributes: { "acme.queue.name": "mail" },
      instrumentationScope: scope,
      parentSpanContext: undefined,
    });
    expect(sdk.logs[0]).toMatchObject({
      eventName: "acme.drained",
      severityNumber: 13,
      body: "drained",
      attributes: { n: 2 },
      instrumentationScope: scope,
      spanContext: { traceId: span?.traceId, spanId: span?.spanId },
    });
  });

  it("are silent where the plugin is disabled, and the span has no context to hand out", () => {
    const health = createHealth({ clock: new FakeClock() });
    const sdk = new TestSdk().giveTo(health);
    health.instrumentation.disable();
    const telemetry = health.telemetry(scope);
    expect(telemetry.span({ name: "acme.drain", from: 0, to: 1 })).toBeUndefined();
    telemetry.event({ name: "acme.drained", severity: "info", timestamp: 1, body: "drained" });
    expect([sdk.spans, sdk.logs]).toEqual([[], []]);
  });
});

describe("isHealthContext", () => {
  it("holds within the runs of a check, traced or not, and nowhere else", async () => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    const clock = new FakeClock();
    const seen: boolean[] = [];
    const health = createHealth({
      clock,
      checks: {
        db: {
          async run() {
            await null;
            seen.push(isHealthContext(context.active()));
            throw new Error("down");
          },
        },
      },
    });
    new TestSdk().giveTo(health);
    await health.start();
    await settle();
    // The second run is in a span, since the first has failed.
    await clock.advance(1_500);
    expect(seen).toEqual([true, true]);
    expect(isHealthContext(context.active())).toBe(false);
    await health.stop();
  });
});
