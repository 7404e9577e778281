import { AlwaysOffSampler, AlwaysOnSampler, TraceIdRatioBasedSampler } from "@opentelemetry/sdk-trace";
import type { Transition } from "@otel-health/core";
import { describe, expect, it } from "vitest";
import { startStory } from "./story.ts";
import { TestSdk } from "./test-sdk.ts";

const hex32 = /^[0-9a-f]{32}$/;

/** One incident, in every place that shows its id. */
async function incidentWith(sdk: TestSdk | undefined) {
  const { health, clock, db } = await startStory({}, { endpoints: { detail: "full" } });
  sdk?.giveTo(health);
  const transitions: Transition[] = [];
  health.on("transition", (transition) => void transitions.push(transition));
  db.warns();
  await clock.advance(10_000);
  const { incidentId } = health.checks.db.snapshot();
  db.fails();
  await clock.advance(10_000);
  const report = JSON.parse(health.respond({ method: "GET", url: "/readyz" })?.body ?? "");
  db.passes();
  await clock.advance(10_000);
  return { incidentId, transitions, report, after: health.checks.db.snapshot().incidentId };
}

describe("the incident id", () => {
  it("is the trace id of the transition that opened it, where that is sampled", async () => {
    const sdk = new TestSdk({ sampler: new AlwaysOnSampler() });
    const { incidentId, transitions } = await incidentWith(sdk);
    const [opening] = sdk.spansOf("health.transition");
    expect(incidentId).toBe(opening?.spanContext().traceId);
    const [first] = transitions;
    expect(first).toMatchObject({
      type: "check",
      traceId: opening?.spanContext().traceId,
      spanId: opening?.spanContext().spanId,
    });
    expect(transitions.every(({ traceId }) => traceId === incidentId)).toBe(true);
  });

  it.each([
    ["is not sampled", new TestSdk({ sampler: new AlwaysOffSampler() })],
    ["is sampled by a ratio that left it out", new TestSdk({ sampler: new TraceIdRatioBasedSampler(0) })],
    ["goes nowhere, for want of an SDK", undefined],
  ])("is 32 random hex digits where the transition %s, and no trace is named", async (_, sdk) => {
    const { incidentId, transitions } = await incidentWith(sdk);
    expect(incidentId).toMatch(hex32);
    expect(sdk?.spans ?? []).toEqual([]);
    for (const { traceId, spanId } of transitions) expect({ traceId, spanId }).toEqual({ traceId: null, spanId: null });
    for (const { spanContext, attributes } of sdk?.logs ?? []) {
      expect(spanContext).toBeUndefined();
      expect(attributes["health.incident.id"]).toBe(incidentId);
    }
    expect(sdk === undefined || sdk.logs.length > 0).toBe(true);
  });

  it.each([
    ["with an SDK", new TestSdk()],
    ["without one", undefined],
  ])(
    "is the same in reports, listeners, spans and events from the first trouble to the recovery, %s",
    async (_, sdk) => {
      const { incidentId, transitions, report, after } = await incidentWith(sdk);
      expect(report.checks.db.incidentId).toBe(incidentId);
      expect(transitions.map((one) => [one.type, one.state, one.incidentId === incidentId])).toEqual([
        ["check", "degraded", true],
        ["probe", "degraded", true],
        ["check", "unhealthy", true],
        ["probe", "unhealthy", true],
        ["check", "healthy", true],
        ["probe", "healthy", true],
      ]);
      const ids = [...(sdk?.spans.slice(1) ?? []), ...(sdk?.logs ?? [])].map(
        ({ attributes }) => attributes["health.incident.id"],
      );
      expect(ids).toEqual(ids.map(() => incidentId));
      expect(after).toBeNull();
    },
  );

  it("is another one for each incident", async () => {
    const { health, clock, db } = await startStory();
    const ids = new Set<string | null>();
    for (let i = 0; i < 20; i++) {
      db.fails();
      await clock.advance(10_000);
      ids.add(health.checks.db.snapshot().incidentId);
      db.passes();
      // Sooner, and the check would flap: one long incident.
      await clock.advance(350_000);
    }
    expect(ids.size).toBe(20);
    for (const id of ids) expect(id).toMatch(hex32);
  });
});
