import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import { createHealth, push } from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";
import { describe, expect, it } from "vitest";
import { startStory } from "./story.ts";
import { TestSdk } from "./test-sdk.ts";

/** Wall milliseconds of OpenTelemetry's [seconds, nanoseconds]. */
function ms([seconds, nanoseconds]: readonly [number, number]): number {
  return seconds * 1_000 + nanoseconds / 1e6;
}

/** A span in the terms of these tests. */
function told(span: ReadableSpan) {
  return {
    name: span.name,
    from: ms(span.startTime),
    to: ms(span.endTime),
    attributes: span.attributes,
    status: span.status,
  };
}

const unset = { code: SpanStatusCode.UNSET };
const error = (message: string) => ({ code: SpanStatusCode.ERROR, message });

async function startTraced(...options: Parameters<typeof startStory>) {
  const story = await startStory(...options);
  return { ...story, sdk: new TestSdk().giveTo(story.health), origin: story.clock.wallTime() };
}

describe("health.check spans", () => {
  it("are not written for plain passes of a healthy check", async () => {
    const { sdk, clock, db } = await startTraced();
    await clock.advance(60_000);
    expect(db.runs).toBeGreaterThan(5);
    expect(sdk.spans).toEqual([]);
  });

  it("tell of a run that failed: when, how long, why", async () => {
    const { sdk, clock, db, origin } = await startTraced({ failureThreshold: 3, gracePeriodMs: 60_000 });
    db.takesMs = 40;
    db.fails("connect ECONNREFUSED 127.0.0.1:5432");
    await clock.advance(10_040);
    expect(sdk.spans.map(told)).toEqual([
      {
        name: "health.check db",
        from: origin + 10_000,
        to: origin + 10_040,
        attributes: {
          "health.check.name": "db",
          "health.check.result": "fail",
          "health.check.critical": true,
          "health.check.consecutive_failures": 1,
          "error.type": "ECONNREFUSED",
        },
        status: error("connect ECONNREFUSED 127.0.0.1:5432"),
      },
    ]);
    const [span] = sdk.spans;
    expect({ kind: span?.kind, parent: span?.parentSpanContext, links: span?.links }).toEqual({
      kind: SpanKind.INTERNAL,
      parent: undefined,
      links: [],
    });
    expect(span?.instrumentationScope).toMatchObject({ name: "@otel-health/core", version: expect.any(String) });
  });

  it("tell of a warning without calling it an error", async () => {
    const { sdk, clock, db } = await startTraced({ failureThreshold: 3, gracePeriodMs: 60_000 });
    db.warns("almost full");
    await clock.advance(10_000);
    expect(sdk.spans.map(told)).toMatchObject([
      { attributes: { "health.check.result": "warn", "health.check.consecutive_failures": 0 }, status: unset },
    ]);
  });

  it("say how late the loop was", async () => {
    const { sdk, clock, db } = await startTraced({ failureThreshold: 3, gracePeriodMs: 60_000, timeoutMs: 100 });
    db.takesMs = 300;
    db.fails();
    await clock.advance(10_000);
    // The deadline fires 150 ms late and is moved by as much; the answer comes before that.
    clock.block(250);
    await clock.advance(50);
    expect(sdk.spans.map(({ attributes }) => attributes["health.check.loop_lag"])).toEqual([0.15]);
  });

  it("until recovery are written for the first five runs, then for the 1st, 2nd, 4th, 8th … after them", async () => {
    const { sdk, clock, db } = await startTraced();
    db.fails();
    const notable: number[] = [];
    const before = db.runs;
    for (let seen = 0; db.runs - before < 40; ) {
      await clock.advance(100);
      const now = sdk.spansOf("health.check ").length;
      if (now > seen) notable.push(db.runs - before);
      seen = now;
    }
    expect(notable).toEqual([1, 2, 3, 4, 5, 6, 7, 9, 13, 21, 37]);
  });

  it("begin anew with each incident", async () => {
    const { sdk, clock, db } = await startTraced();
    for (let incident = 0; incident < 2; incident++) {
      db.fails();
      await clock.advance(100_000);
      db.passes();
      await clock.advance(20_000);
    }
    const incidents = sdk.spansOf("health.outage").map(({ attributes }) => attributes["health.incident.id"]);
    expect(new Set(incidents).size).toBe(2);
    const written = (id: unknown) =>
      sdk.spansOf("health.check ").filter(({ attributes }) => attributes["health.incident.id"] === id).length;
    // The first run of an incident is written before it has an id.
    expect(incidents.map(written)).toEqual([written(incidents[0]), written(incidents[0])]);
    expect(written(incidents[0])).toBeGreaterThan(5);
  });

  it("are roots of traces of their own, linked to the transition of their incident", async () => {
    const { sdk, clock, db } = await startTraced();
    db.fails();
    await clock.advance(30_000);
    const [transition] = sdk.spansOf("health.transition");
    const [first, ...later] = sdk.spansOf("health.check ");
    expect(first?.links).toEqual([]);
    expect(later.length).toBeGreaterThan(2);
    for (const span of later) {
      expect(span.parentSpanContext).toBeUndefined();
      expect(span.links.map(({ context }) => context.spanId)).toEqual([transition?.spanContext().spanId]);
      expect(span.attributes["health.incident.id"]).toBe(transition?.spanContext().traceId);
    }
    const traces = [first, ...later].map((span) => span?.spanContext().traceId);
    expect(new Set(traces).size).toBe(traces.length);
  });

  it("are written for the passes that lead back to healthy", async () => {
    const { sdk, clock, db } = await startTraced({ successThreshold: 2 });
    db.fails();
    await clock.advance(10_000);
    db.passes();
    await clock.advance(20_000);
    expect(sdk.spansOf("health.check ").map(({ attributes }) => attributes["health.check.result"])).toEqual([
      "fail",
      "pass",
      "pass",
    ]);
  });
});

describe("health.transition spans", () => {
  it("have no length and are written at once, as a root that is linked to the runs that led to them", async () => {
    const { sdk, clock, db, origin } = await startTraced({ failureThreshold: 3, gracePeriodMs: 0 });
    db.fails("down");
    await clock.advance(13_000);
    const [span] = sdk.spansOf("health.transition");
    const runs = sdk.spansOf("health.check ").slice(0, 3);
    expect(span === undefined ? undefined : told(span)).toEqual({
      name: "health.transition db",
      from: ms(runs[2]?.endTime ?? [0, 0]),
      to: ms(runs[2]?.endTime ?? [0, 0]),
      attributes: {
        "health.check.name": "db",
        "health.state": "unhealthy",
        "health.previous_state": "healthy",
        "health.check.critical": true,
        "health.check.consecutive_failures": 3,
        "health.check.message": "down",
        "error.type": "ECONNREFUSED",
        "health.check.fault": "transient",
        "health.incident.id": span?.spanContext().traceId,
      },
      status: error("down"),
    });
    expect(span?.kind).toBe(SpanKind.INTERNAL);
    expect(span?.parentSpanContext).toBeUndefined();
    expect(span?.links.map(({ context }) => context)).toEqual(runs.map((run) => run.spanContext()));
    expect(ms(span?.startTime ?? [0, 0])).toBeGreaterThan(origin);
  });

  it("link to five runs at most", async () => {
    const { sdk, clock, db } = await startTraced({ failureThreshold: 9, gracePeriodMs: 0 });
    db.fails();
    await clock.advance(80_000);
    const [span] = sdk.spansOf("health.transition");
    expect(span?.links).toHaveLength(5);
    expect(span?.links.map(({ context }) => context.spanId)).toEqual(
      sdk
        .spansOf("health.check ")
        .slice(0, 5)
        .map((run) => run.spanContext().spanId),
    );
  });

  it("of one incident share its trace and its id", async () => {
    const { sdk, clock, db } = await startTraced();
    db.warns();
    await clock.advance(10_000);
    db.fails();
    await clock.advance(10_000);
    db.passes();
    await clock.advance(10_000);
    const [opening, ...following] = sdk.spansOf("health.transition");
    expect([opening, ...following].map((span) => span?.attributes["health.state"])).toEqual([
      "degraded",
      "unhealthy",
      "healthy",
    ]);
    for (const span of following) {
      expect(span.parentSpanContext?.spanId).toBe(opening?.spanContext().spanId);
      expect(span.spanContext().traceId).toBe(opening?.spanContext().traceId);
      expect(span.attributes["health.incident.id"]).toBe(opening?.spanContext().traceId);
    }
    expect([opening, ...following].map((span) => span?.status)).toEqual([unset, error("down"), unset]);
  });

  it("to the first healthy belong to no incident", async () => {
    const health = createHealth({ clock: new FakeClock(), checks: { told: push() } });
    const sdk = new TestSdk().giveTo(health);
    health.checks.told.pass();
    expect(sdk.spans.map(({ name, attributes, status }) => ({ name, attributes, status }))).toEqual([
      {
        name: "health.transition told",
        attributes: {
          "health.check.name": "told",
          "health.state": "healthy",
          "health.previous_state": "unknown",
          "health.check.critical": true,
          "health.check.consecutive_failures": 0,
        },
        status: unset,
      },
    ]);
  });
});

describe("health.outage spans", () => {
  const wholeOutage = (id: string | undefined, reason: string, state = "unhealthy") => ({
    "health.check.name": "db",
    "health.check.critical": true,
    "health.state": state,
    "health.incident.id": id,
    "health.outage.end_reason": reason,
  });

  it("are written at recovery, as children of the transition, from the first failure on", async () => {
    const { sdk, clock, db, origin } = await startTraced({ failureThreshold: 3, gracePeriodMs: 0 });
    db.fails();
    await clock.advance(25_000);
    expect(sdk.spansOf("health.outage")).toEqual([]);
    db.passes();
    await clock.advance(10_000);
    const [opening, recovery] = sdk.spansOf("health.transition");
    const spans = sdk.spansOf("health.outage");
    expect(spans.map(told)).toEqual([
      {
        name: "health.outage db",
        from: origin + 10_000,
        to: ms(recovery?.endTime ?? [0, 0]),
        attributes: wholeOutage(opening?.spanContext().traceId, "recovered"),
        status: error("unhealthy"),
      },
    ]);
    expect(spans[0]?.parentSpanContext?.spanId).toBe(opening?.spanContext().spanId);
    expect(spans[0]?.kind).toBe(SpanKind.INTERNAL);
  });

  it("tell the worst state that there was, and an error only where it was unhealthy", async () => {
    const { sdk, clock, db } = await startTraced();
    db.warns();
    await clock.advance(10_000);
    db.passes();
    await clock.advance(10_000);
    db.fails();
    await clock.advance(10_000);
    db.warns();
    await clock.advance(10_000);
    db.passes();
    await clock.advance(10_000);
    expect(sdk.spansOf("health.outage").map(({ attributes, status }) => [attributes["health.state"], status])).toEqual([
      ["degraded", unset],
      ["unhealthy", error("unhealthy")],
    ]);
  });

  it.each([
    ["shutdown", "stop"],
    ["unregistered", "unregister"],
  ] as const)("are written at the end of the check for want of a recovery: %s", async (reason, how) => {
    const { sdk, clock, db, health, origin } = await startTraced();
    db.fails();
    await clock.advance(15_000);
    await (how === "stop" ? health.stop() : health.unregister("db"));
    const [opening] = sdk.spansOf("health.transition");
    expect(sdk.spansOf("health.outage").map(told)).toEqual([
      {
        name: "health.outage db",
        from: origin + 10_000,
        to: origin + 15_000,
        attributes: wholeOutage(opening?.spanContext().traceId, reason),
        status: error("unhealthy"),
      },
    ]);
  });

  it("are not written for checks that were well", async () => {
    const { sdk, clock, health } = await startTraced();
    await clock.advance(30_000);
    await health.unregister("db");
    await health.stop();
    expect(sdk.spans).toEqual([]);
  });
});

describe("a check that goes silent", () => {
  it("opens an incident that its next answer closes", async () => {
    const clock = new FakeClock();
    const health = createHealth({ clock, checks: { told: push({ staleAfterMs: 1_000 }) } });
    const sdk = new TestSdk().giveTo(health);
    health.checks.told.pass();
    await clock.advance(2_000);
    expect(health.checks.told.snapshot()).toMatchObject({ status: "unknown", incidentId: expect.any(String) });
    health.checks.told.pass();
    expect(sdk.spansOf("health.outage").map(({ attributes, status }) => [attributes["health.state"], status])).toEqual([
      ["unknown", unset],
    ]);
    expect(health.checks.told.snapshot().incidentId).toBeNull();
  });
});
