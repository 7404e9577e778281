import { expect } from "vitest";
import type { Seen, SeenEvent, SeenSpan } from "./fixtures/told.ts";

/** One sample of a page, whatever the scope's own labels are. */
function sample(page: string, name: string, ...labels: string[]): number | undefined {
  const lines = page
    .split("\n")
    .filter((line) => line.startsWith(`${name}{`) && labels.every((label) => line.includes(label)));
  if (lines.length !== 1) return undefined;
  return Number(lines[0]?.split(" ").at(-1));
}

/** Expects the metrics of a service that had so many outages. */
export function expectPage(page: string, outages: number): void {
  const db = 'health_check_name="db"';
  const states = ["healthy", "degraded", "unhealthy", "unknown"];
  expect(states.map((state) => sample(page, "health_check_status", db, `health_state="${state}"`))).toEqual([
    1, 0, 0, 0,
  ]);
  const transitions = (from: string, to: string) =>
    sample(page, "health_check_transitions_total", db, `health_state="${to}"`, `_previous_state="${from}"`);
  expect({
    failed: transitions("healthy", "unhealthy"),
    recovered: transitions("unhealthy", "healthy"),
    first: transitions("unknown", "healthy"),
    started: sample(page, "health_startup_duration_count"),
    probes: sample(page, "health_probe_requests_total", 'type="readiness"', 'status_code="503"'),
  }).toEqual({ failed: outages, recovered: outages, first: 1, started: 1, probes: outages });
}

/** Expects the spans of incidents that are over. */
export function expectSpans(spans: readonly SeenSpan[], incidents: readonly (string | null)[]): void {
  for (const id of incidents) {
    const of = { attributes: expect.objectContaining({ "health.incident.id": id }) };
    expect(spans).toContainEqual(expect.objectContaining({ name: "health.transition db", ...of }));
    expect(spans).toContainEqual(expect.objectContaining({ name: "health.outage db", ...of }));
    expect(spans).toContainEqual(expect.objectContaining({ name: "health.check db" }));
  }
}

/** Expects the events of incidents that are over: one at each end, in the incident's trace. */
export function expectEvents(events: readonly SeenEvent[], incidents: readonly (string | null)[]): void {
  for (const id of incidents) {
    const of = events.filter((event) => event.eventName === "health.check.transition" && event.traceId === id);
    expect(of).toHaveLength(2);
  }
}

/** All of it: of a service that had `outages` so far, of which the backend was told of these incidents. */
export function expectSeen(seen: Seen | undefined, outages: number, incidents: readonly (string | null)[]): void {
  if (seen === undefined) throw new Error("the fixture tells of no backend");
  expectPage(seen.page, outages);
  expectSpans(seen.spans, incidents);
  expectEvents(seen.events, incidents);
}
