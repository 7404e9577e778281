import { DataPointType, MeterProvider } from "@opentelemetry/sdk-metrics";
import { createHealth, heartbeat, metrics, probeNames, push } from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import { describe, expect, it } from "vitest";
import { createStory, startStory } from "./story.ts";
import { type Metrics, TestReader, TestSdk } from "./test-sdk.ts";

const states = ["healthy", "degraded", "unhealthy", "unknown"];

/** `{ "db healthy": 0, "db degraded": 1, … }`. */
function only(name: string, state: string | undefined, all: readonly string[] = states) {
  return Object.fromEntries(all.map((one) => [`${name} ${one}`, one === state ? 1 : 0]));
}

describe("the instruments", () => {
  it("count what other protocols answer beside what respond() does", async () => {
    const { health } = createStory();
    const sdk = new TestSdk().giveTo(health);
    await health.start();
    health.respond({ method: "GET", url: "/readyz" });
    health.countAnswer("readiness", 200);
    health.countAnswer("readiness", "OK");
    health.countAnswer("readiness", "OK");
    health.countAnswer("liveness", "OK");
    const points = (await sdk.read()).all.get("health.probe.requests")?.dataPoints ?? [];
    expect(points.map(({ attributes, value }) => [...Object.values(attributes), value]).sort()).toEqual(
      [
        ["liveness", "OK", 1],
        ["readiness", 200, 1],
        ["readiness", 503, 1],
        ["readiness", "OK", 2],
      ].sort(),
    );
    expect(points.find(({ attributes }) => attributes["rpc.response.status_code"] === "OK")).toBeDefined();
  });

  it("are declared as the definitions say, with the attributes that they name", async () => {
    const { health, db, clock } = createStory();
    const sdk = new TestSdk().giveTo(health);
    const started = health.start();
    await clock.advance(0);
    await started;
    health.register("orders", push({ dependsOn: ["db"] }));
    db.fails();
    await clock.advance(10_000);
    health.respond({ method: "GET", url: "/readyz" });
    health.countAnswer("readiness", "OK");

    const seen = await sdk.read();
    expect([...seen.all.keys()].sort()).toEqual(
      Object.values(metrics)
        .map(({ name }) => name)
        .sort(),
    );
    const kinds = {
      ObservableUpDownCounter: { dataPointType: DataPointType.SUM, isMonotonic: false },
      ObservableGauge: { dataPointType: DataPointType.GAUGE },
      ObservableCounter: { dataPointType: DataPointType.SUM, isMonotonic: true },
      Counter: { dataPointType: DataPointType.SUM, isMonotonic: true },
      Histogram: { dataPointType: DataPointType.HISTOGRAM },
    };
    for (const { name, unit, description, instrument, attributes } of Object.values(metrics)) {
      const metric = seen.all.get(name);
      expect(metric, name).toMatchObject({ descriptor: { name, unit, description }, ...kinds[instrument] });
      const used = new Set(metric?.dataPoints.flatMap((point) => Object.keys(point.attributes)));
      expect([...used].sort(), name).toEqual([...attributes].sort());
    }
  });

  it("are those of one scope, with a version and without a schema URL", async () => {
    const { health } = createStory();
    const sdk = new TestSdk().giveTo(health);
    const { resourceMetrics } = await sdk.reader.collect();
    expect(resourceMetrics.scopeMetrics.map(({ scope }) => scope)).toEqual([
      { name: "@otel-health/core", version: expect.stringMatching(/^\d+\.\d+\.\d+/), schemaUrl: undefined },
    ]);
  });

  it("measure durations in buckets for seconds", async () => {
    const { health, db, clock } = createStory();
    const sdk = new TestSdk().giveTo(health);
    db.takesMs = 30;
    const started = health.start();
    await clock.advance(30);
    await started;
    const seen = await sdk.read();
    expect(seen.histogram("health.check.duration", "db pass")).toMatchObject({
      count: 1,
      sum: 0.03,
      buckets: { boundaries: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10], counts: [0, 0, 0, 1, 0, 0, 0, 0, 0, 0] },
    });
    expect(seen.histogram("health.startup.duration", "")).toMatchObject({
      count: 1,
      sum: 0,
      buckets: { boundaries: [0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300] },
    });
  });
});

describe("health.check.status", () => {
  it("always has all four states, of which one is 1", async () => {
    const { health, db, clock } = createStory();
    const sdk = new TestSdk().giveTo(health);
    const status = async () => (await sdk.read()).values("health.check.status");
    expect(await status()).toEqual(only("db", "unknown"));
    await Promise.all([health.start(), clock.advance(0)]);
    expect(await status()).toEqual(only("db", "healthy"));
    db.warns();
    await clock.advance(10_000);
    expect(await status()).toEqual(only("db", "degraded"));
    db.fails();
    await clock.advance(10_000);
    expect(await status()).toEqual(only("db", "unhealthy"));
    db.passes();
    await clock.advance(10_000);
    expect(await status()).toEqual(only("db", "healthy"));
  });

  it("is 0 for good for a check that was removed, and right again for one that came back", async () => {
    const clock = new FakeClock();
    const health = createHealth({ clock, checks: { db: push(), cache: push() } });
    const sdk = new TestSdk().giveTo(health);
    health.checks.db.pass();
    health.checks.cache.pass();
    await clock.advance(5_000);
    expect((await sdk.read()).values("health.check.result_age")).toEqual({ db: 5, cache: 5 });

    await health.unregister("db");
    let seen = await sdk.read();
    expect(seen.values("health.check.status")).toEqual({ ...only("db", undefined), ...only("cache", "healthy") });
    expect(seen.values("health.check.result_age")).toEqual({ db: 0, cache: 5 });

    const db = health.register("db", push());
    expect((await sdk.read()).values("health.check.status")).toMatchObject(only("db", "unknown"));
    db.fail("down");
    seen = await sdk.read();
    expect(seen.values("health.check.status")).toMatchObject(only("db", "unhealthy"));
    expect(seen.values("health.check.transitions")).toMatchObject({
      "db healthy unknown": 1,
      "db unhealthy unknown": 1,
    });
  });

  it("names a check `constructor` like any other", async () => {
    const health = createHealth({ clock: new FakeClock(), checks: { constructor: push() } });
    const sdk = new TestSdk().giveTo(health);
    health.checks.constructor.pass();
    const seen = await sdk.read();
    expect(seen.values("health.check.status")).toEqual(only("constructor", "healthy"));
    expect(seen.values("health.check.transitions")).toMatchObject({ "constructor healthy unknown": 1 });
  });
});

describe("health.probe.status", () => {
  it("always has all three verdicts of every probe, of which one is 1", async () => {
    const { health, db, clock } = createStory();
    const sdk = new TestSdk().giveTo(health);
    const verdicts = ["healthy", "degraded", "unhealthy"];
    const expected = (verdict: Record<string, string>) =>
      Object.assign({}, ...probeNames.map((probe) => only(probe, verdict[probe], verdicts)));
    const status = async () => (await sdk.read()).values("health.probe.status");

    const starting = { startup: "unhealthy", readiness: "unhealthy", serving: "unhealthy", liveness: "healthy" };
    expect(await status()).toEqual(expected(starting));
    await Promise.all([health.start(), clock.advance(0)]);
    const ready = { startup: "healthy", readiness: "healthy", serving: "healthy", liveness: "healthy" };
    expect(await status()).toEqual(expected(ready));
    db.warns();
    await clock.advance(10_000);
    expect(await status()).toEqual(expected({ ...ready, readiness: "degraded" }));
    health.fatal("out of memory");
    expect(await status()).toEqual(
      expected({ startup: "healthy", readiness: "unhealthy", serving: "unhealthy", liveness: "unhealthy" }),
    );
  });
});

describe("health.check.transitions and health.probe.transitions", () => {
  it("begin at 0 between healthy and unhealthy, both ways", async () => {
    const { health } = createStory();
    const sdk = new TestSdk().giveTo(health);
    const seen = await sdk.read();
    expect(seen.values("health.check.transitions")).toEqual({ "db healthy unhealthy": 0, "db unhealthy healthy": 0 });
    expect(seen.values("health.probe.transitions")).toEqual(
      Object.fromEntries(
        probeNames.flatMap((probe) => [
          [`${probe} healthy unhealthy`, 0],
          [`${probe} unhealthy healthy`, 0],
        ]),
      ),
    );
  });

  it("begin at 0 for a check that is registered later", async () => {
    const { health } = await startStory();
    const sdk = new TestSdk().giveTo(health);
    health.register("late", push());
    expect((await sdk.read()).values("health.check.transitions")).toMatchObject({
      "late healthy unhealthy": 0,
      "late unhealthy healthy": 0,
    });
  });

  it("count every change once", async () => {
    const { health, db, clock } = createStory();
    const sdk = new TestSdk().giveTo(health);
    await Promise.all([health.start(), clock.advance(0)]);
    for (let i = 0; i < 3; i++) {
      db.fails();
      await clock.advance(10_000);
      db.passes();
      await clock.advance(10_000);
    }
    const seen = await sdk.read();
    expect(seen.values("health.check.transitions")).toEqual({
      "db healthy unknown": 1,
      "db unhealthy healthy": 3,
      "db healthy unhealthy": 3,
    });
    expect(seen.values("health.probe.transitions")).toMatchObject({
      "readiness unhealthy healthy": 3,
      "readiness healthy unhealthy": 4,
      "startup healthy unhealthy": 1,
      "liveness healthy unhealthy": 0,
    });
  });
});

describe("health.check.duration", () => {
  it("is recorded for each run with its result, and with error.type only where it failed", async () => {
    const { health, db, clock } = createStory();
    const sdk = new TestSdk().giveTo(health);
    await Promise.all([health.start(), clock.advance(0)]);
    db.warns();
    await clock.advance(10_000);
    db.fails();
    await clock.advance(10_000);
    db.takesMs = 5_000;
    await clock.advance(4_000);
    const seen = await sdk.read();
    expect(seen.values("health.check.duration")).toEqual({
      "db pass": 1,
      "db warn": 1,
      "db fail ECONNREFUSED": expect.any(Number),
      "db fail timeout": 1,
    });
    expect(seen.histogram("health.check.duration", "db fail timeout")?.sum).toBeCloseTo(2, 1);
  });

  it("is not recorded for what is told and not run", async () => {
    const clock = new FakeClock();
    const health = createHealth({ clock, checks: { told: push(), beating: heartbeat({ maxAgeMs: 1_000 }) } });
    const sdk = new TestSdk().giveTo(health);
    await health.start();
    health.checks.told.fail("down");
    health.checks.beating.beat();
    await clock.advance(2_000);
    expect((await sdk.read()).values("health.check.duration")).toEqual({});
  });
});

describe("health.check.result_age", () => {
  it("is the time since the newest result, also while the process was suspended", async () => {
    const { health, db, clock } = createStory();
    const sdk = new TestSdk().giveTo(health);
    expect((await sdk.read()).values("health.check.result_age")).toEqual({});
    await Promise.all([health.start(), clock.advance(0)]);
    expect((await sdk.read()).values("health.check.result_age")).toEqual({ db: 0 });
    await clock.advance(4_500);
    expect((await sdk.read()).values("health.check.result_age")).toEqual({ db: 4.5 });
    clock.block(3_600_000);
    expect((await sdk.read()).values("health.check.result_age")).toEqual({ db: 3_604.5 });
    expect(db.runs).toBe(1);
  });
});

describe("health.probe.requests", () => {
  it("counts the answers of all endpoints by status code, and nothing else", async () => {
    const { health } = createStory();
    const sdk = new TestSdk().giveTo(health);
    const other = health.endpoints({ prefix: "/internal" });
    for (const url of ["/readyz", "/ready", "/readyz?verbose", "/livez", "/users", "/"])
      health.respond({ method: "GET", url });
    health.respond({ method: "HEAD", url: "/readyz" });
    health.respond({ method: "POST", url: "/readyz" });
    other.respond({ method: "GET", url: "/internal/readyz" });
    other.respond({ method: "GET", url: "/readyz" });
    expect((await sdk.read()).values("health.probe.requests")).toEqual({
      "readiness 503": 5,
      "readiness 405": 1,
      "liveness 200": 1,
    });
  });
});

describe("two readers", () => {
  it("see the same, and one collection takes nothing from the other", async () => {
    const readers = [new TestReader(), new TestReader()];
    const { health, db, clock } = createStory();
    health.instrumentation.setMeterProvider(new MeterProvider({ readers }));
    await Promise.all([health.start(), clock.advance(0)]);
    db.fails();
    await clock.advance(10_000);
    const [one, two, oneAgain] = await Promise.all([readers[0]?.read(), readers[1]?.read(), readers[0]?.read()]);
    for (const seen of [one, two, oneAgain]) {
      expect(seen?.values("health.check.status")).toEqual(only("db", "unhealthy"));
      expect(seen?.values("health.check.transitions")).toMatchObject({ "db unhealthy healthy": 1 });
      expect(seen?.values("health.startup.duration")).toEqual({ "": 1 });
    }
  });
});

describe("a scrape during a transition", () => {
  it("sees the check, its probe and the count at one state", async () => {
    const { health, db, clock } = await startStory();
    const sdk = new TestSdk().giveTo(health);
    const scrapes: Promise<Metrics>[] = [];
    health.on("transition", ({ type }) => {
      if (type === "check") scrapes.push(sdk.read());
    });
    db.fails();
    await clock.advance(10_000);
    const [seen] = await Promise.all(scrapes);
    expect(seen?.values("health.check.status")).toEqual(only("db", "unhealthy"));
    expect(seen?.values("health.probe.status")).toMatchObject({ "readiness unhealthy": 1, "readiness healthy": 0 });
    expect(seen?.values("health.check.transitions")).toMatchObject({ "db unhealthy healthy": 1 });
  });
});
