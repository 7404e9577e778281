import { createRequire } from "node:module";
import {
  type BatchObservableCallback,
  createNoopMeter,
  type Meter,
  type MeterProvider,
  metrics as metricsApi,
} from "@opentelemetry/api";
import { createHealth, push } from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import { afterEach, describe, expect, it } from "vitest";
import { collectDiag } from "../hostile/diag-lines.ts";
import { createStory, startStory } from "./story.ts";
import { TestSdk } from "./test-sdk.ts";

afterEach(() => metricsApi.disable());

/** The API has an ES and a CommonJS build, and an application may use the one and its SDK the other. */
const required: typeof import("@opentelemetry/api") = createRequire(import.meta.url)("@opentelemetry/api");
const oneOutage = { "db healthy unknown": 1, "db unhealthy healthy": 1, "db healthy unhealthy": 1 };

/** Healthy, unhealthy, healthy. */
async function outage({ clock, db }: Awaited<ReturnType<typeof startStory>>) {
  db.fails();
  await clock.advance(10_000);
  db.passes();
  await clock.advance(10_000);
}

describe("a meter provider", () => {
  it("that comes late through the plugin is told what it missed", async () => {
    const story = await startStory();
    await outage(story);
    const sdk = new TestSdk().giveTo(story.health);
    const seen = await sdk.read();
    expect(seen.values("health.check.status")).toMatchObject({ "db healthy": 1, "db unhealthy": 0 });
    expect(seen.values("health.check.transitions")).toEqual(oneOutage);
    expect(seen.values("health.probe.transitions")).toMatchObject({
      "readiness unhealthy healthy": 1,
      "readiness healthy unhealthy": 2,
      "startup healthy unhealthy": 1,
    });
    expect(seen.values("health.startup.duration")).toEqual({ "": 1 });
  });

  it("that comes late is told of checks that are gone", async () => {
    const { health } = await startStory();
    const gone = health.register("gone", push());
    gone.pass();
    gone.fail("down");
    await gone.unregister();
    const seen = await new TestSdk().giveTo(health).read();
    expect(seen.values("health.check.transitions")).toMatchObject({
      "gone healthy unknown": 1,
      "gone unhealthy healthy": 1,
      "gone healthy unhealthy": 0,
    });
  });

  it("that comes late through the global is found at the next run", async () => {
    const story = await startStory();
    await outage(story);
    const sdk = new TestSdk();
    metricsApi.setGlobalMeterProvider(sdk.meterProvider);
    await story.clock.advance(10_000);
    const seen = await sdk.read();
    expect(seen.values("health.check.transitions")).toEqual(oneOutage);
    expect(seen.values("health.startup.duration")).toEqual({ "": 1 });
  });

  it("that comes late through the global is found within seconds where nothing is run", async () => {
    const clock = new FakeClock();
    const health = createHealth({ clock, checks: { told: push() } });
    await health.start();
    health.checks.told.pass();
    const sdk = new TestSdk();
    metricsApi.setGlobalMeterProvider(sdk.meterProvider);
    await clock.advance(5_000);
    expect((await sdk.read()).values("health.check.status")).toMatchObject({ "told healthy": 1 });
  });

  it("that was there before the health object is used at once", async () => {
    const sdk = new TestSdk();
    metricsApi.setGlobalMeterProvider(sdk.meterProvider);
    const { health } = createStory();
    await health.start();
    expect((await sdk.read()).values("health.check.status")).toMatchObject({ "db unknown": 1 });
  });

  it.each([
    ["of this copy of the API", createNoopMeter()],
    ["of another copy", required.createNoopMeter()],
  ])("that does nothing is not taken for one, %s: an SDK hands it over before its own", async (_, meter) => {
    const noop: MeterProvider = { getMeter: () => meter };
    const story = await startStory();
    story.health.instrumentation.setMeterProvider(noop);
    const sdk = new TestSdk();
    metricsApi.setGlobalMeterProvider(sdk.meterProvider);
    await outage(story);
    expect((await sdk.read()).values("health.check.transitions")).toEqual(oneOutage);

    story.health.instrumentation.setMeterProvider(noop);
    await outage(story);
    expect((await sdk.read()).values("health.check.transitions")).toMatchObject({ "db unhealthy healthy": 2 });
  });

  it("that does nothing of another copy of the API is another object", () => {
    expect(required.createNoopMeter()).not.toBe(createNoopMeter());
  });

  it("that comes twice, by the plugin and by the global, counts once", async () => {
    const story = await startStory();
    const sdk = new TestSdk().giveTo(story.health).giveTo(story.health);
    metricsApi.setGlobalMeterProvider(sdk.meterProvider);
    await outage(story);
    sdk.giveTo(story.health);
    const seen = await sdk.read();
    expect(seen.values("health.check.transitions")).toEqual(oneOutage);
    expect(seen.values("health.startup.duration")).toEqual({ "": 1 });
  });

  it("that replaces another is told everything, and the other nothing more", async () => {
    const story = await startStory();
    const first = new TestSdk().giveTo(story.health);
    await outage(story);
    const before = await first.read();
    const second = new TestSdk().giveTo(story.health);
    story.db.fails();
    await story.clock.advance(10_000);
    expect((await second.read()).values("health.check.transitions")).toMatchObject({ "db unhealthy healthy": 2 });
    expect((await second.read()).values("health.check.status")).toMatchObject({ "db unhealthy": 1 });
    const after = await first.read();
    expect(after.values("health.check.transitions")).toEqual(before.values("health.check.transitions"));
    expect(after.values("health.check.duration")).toEqual(before.values("health.check.duration"));
    expect(after.values("health.check.status")).not.toMatchObject({ "db unhealthy": 1 });
  });

  it("that is shut down while checks run leaves them running", async () => {
    collectDiag();
    const story = await startStory();
    const sdk = new TestSdk().giveTo(story.health);
    await Promise.all([sdk.meterProvider.shutdown(), sdk.tracerProvider.shutdown(), sdk.loggerProvider.shutdown()]);
    const { runs } = story.db;
    await outage(story);
    expect(story.db.runs).toBeGreaterThan(runs);
    expect(story.health.checks.db.status).toBe("healthy");
  });

  it("that never comes is not missed", async () => {
    const story = await startStory();
    await outage(story);
    expect(story.health.checks.db.status).toBe("healthy");
    expect(story.health.respond({ method: "GET", url: "/readyz" })?.status).toBe(200);
  });
});

describe("instrumentation.disable() and enable()", () => {
  it("stop the metrics and go on with them, and count nothing twice", async () => {
    const story = await startStory();
    const { instrumentation } = story.health;
    const sdk = new TestSdk().giveTo(story.health);
    await outage(story);
    const before = await sdk.read();

    instrumentation.disable();
    expect(instrumentation.getConfig()).toEqual({ enabled: false });
    await outage(story);
    const disabled = await sdk.read();
    for (const name of ["health.check.transitions", "health.check.duration", "health.probe.transitions"])
      expect(disabled.values(name), name).toEqual(before.values(name));
    expect(sdk.spans).toHaveLength(sdk.spansOf("health").length);

    instrumentation.enable();
    expect(instrumentation.getConfig()).toEqual({ enabled: true });
    const enabled = await sdk.read();
    expect(enabled.values("health.check.transitions")).toEqual(before.values("health.check.transitions"));
    expect(enabled.values("health.probe.transitions")).toEqual(before.values("health.probe.transitions"));
    expect(enabled.values("health.startup.duration")).toEqual({ "": 1 });
    await outage(story);
    expect((await sdk.read()).values("health.check.transitions")).toEqual({
      "db healthy unknown": 1,
      "db unhealthy healthy": 2,
      "db healthy unhealthy": 2,
    });
  });

  it("seed what was registered meanwhile", async () => {
    const { health } = await startStory();
    const sdk = new TestSdk().giveTo(health);
    health.instrumentation.disable();
    health.register("late", push()).pass();
    health.instrumentation.enable();
    expect((await sdk.read()).values("health.check.transitions")).toMatchObject({
      "late healthy unknown": 1,
      "late healthy unhealthy": 0,
    });
  });

  it("silence spans and events too", async () => {
    const story = await startStory();
    const sdk = new TestSdk().giveTo(story.health);
    story.health.instrumentation.setConfig({ enabled: false });
    await outage(story);
    expect([sdk.spans, sdk.logs]).toEqual([[], []]);
    story.health.instrumentation.setConfig({});
    await outage(story);
    expect([sdk.spans.length > 0, sdk.logs.length > 0]).toEqual([true, true]);
  });
});

/** The SDK's provider, in which the method of this name throws. */
function failing(provider: MeterProvider, method: string): MeterProvider {
  const refuse = () => {
    throw new Error(`${method} is broken`);
  };
  const breakIn = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(inner, key) {
        if (key === method) return refuse;
        const value = Reflect.get(inner, key);
        if (typeof value !== "function") return value;
        return (...args: unknown[]) => {
          if (key === "addBatchObservableCallback" && method === "observe")
            return provide.call(inner as Meter, breakIn, args as never);
          const made = Reflect.apply(value, inner, args);
          // Observables are known to the SDK by identity.
          return typeof made === "object" && made !== null && !String(key).startsWith("createObservable")
            ? breakIn(made)
            : made;
        };
      },
    });
  return breakIn(provider);
}

/** Registers a callback whose result's `observe` throws. */
function provide(
  this: Meter,
  breakIn: <T extends object>(target: T) => T,
  [callback, observables]: Parameters<Meter["addBatchObservableCallback"]>,
): void {
  const broken: BatchObservableCallback = (result) => callback(breakIn(result));
  this.addBatchObservableCallback(broken, observables);
}

describe("a meter provider that throws", () => {
  it.each([
    "getMeter",
    "createHistogram",
    "createCounter",
    "createObservableUpDownCounter",
    "createObservableGauge",
    "createObservableCounter",
    "addBatchObservableCallback",
    "removeBatchObservableCallback",
    "record",
    "add",
    "observe",
  ])("from %s changes no state and no answer, and is not asked over and over", async (method) => {
    const lines = collectDiag();
    const story = createStory();
    const sdk = new TestSdk();
    story.health.instrumentation.setMeterProvider(failing(sdk.meterProvider, method));
    await Promise.all([story.health.start(), story.clock.advance(0)]);
    story.db.fails();
    await story.clock.advance(10_000);
    expect(story.health.checks.db.status).toBe("unhealthy");
    expect(story.health.respond({ method: "GET", url: "/readyz" })?.status).toBe(503);
    story.db.passes();
    await story.clock.advance(10_000);
    expect(story.health.respond({ method: "GET", url: "/readyz" })?.status).toBe(200);
    await sdk.reader.collect();

    const bound = lines.length;
    const perRun = method === "record" ? 1 : 0;
    const { runs } = story.db;
    await story.clock.advance(100_000);
    expect(lines.length - bound).toBe(perRun * (story.db.runs - runs));
    for (const [level, message] of lines) expect(`${level} ${message}`).toMatch(/^error otel-health: [a-z ]+$/);

    // Another provider mends it.
    const next = new TestSdk().giveTo(story.health);
    expect((await next.read()).values("health.check.status")).toMatchObject({ "db healthy": 1 });
    await story.health.stop();
  });

  it("takes nothing from the metrics that others gave the SDK", async () => {
    collectDiag();
    const story = createStory();
    const sdk = new TestSdk();
    sdk.meterProvider.getMeter("app").createCounter("orders").add(5);
    story.health.instrumentation.setMeterProvider(failing(sdk.meterProvider, "observe"));
    expect((await sdk.read()).values("orders")).toEqual({ "": 5 });
  });
});
