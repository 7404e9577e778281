import type { Span } from "@opentelemetry/api";
import type { Observation } from "../observation/observation.ts";
import { type Incident, segmentEveryMs } from "../telemetry/incident.ts";
import type { OutageEndReason, RunOfCheck, Spans } from "../telemetry/spans.ts";
import type { CheckRecord } from "./check-record.ts";
import { countRun } from "./notable.ts";

/** Decides which spans are written of the runs and incidents of checks; keeps what it knows of each in its record. */
export class Tracing {
  readonly #spans: Spans;

  constructor(spans: Spans) {
    this.#spans = spans;
  }

  begin(record: CheckRecord, wallAt: number): Span | undefined {
    record.liveFrom = wallAt;
    return this.#spans.beginRun(runOf(record), wallAt);
  }

  /** A run is over: its span is ended, or written after the fact where it turned out to be worth one. */
  ran(record: CheckRecord, ran: Observation): void {
    const isDue = countRun(record, ran);
    const { live, state } = record;
    record.live = undefined;
    const failures = state.failing.count;
    const span =
      live !== undefined
        ? this.#spans.endRun(live, runOf(record), record.liveFrom + (ran.durationMs ?? 0), failures, ran)
        : isDue
          ? this.#spans.run(runOf(record), failures, ran)
          : undefined;
    if (isDue && span !== undefined) record.link(span);
  }

  /** The record's incident was opened, goes on, or is over. */
  entered(record: CheckRecord, before: Incident | undefined, now: number): void {
    const { incident } = record;
    record.unlink();
    if (incident === undefined) {
      record.notable = 0;
      record.segmentAt = Number.POSITIVE_INFINITY;
    } else if (before === undefined) {
      record.segmentAt = now + segmentEveryMs;
      record.segmentFrom = incident.wallSince;
    }
  }

  /** The incident has lasted for another while, which is told of before it is over. */
  segment(record: CheckRecord, now: number, wallAt: number): void {
    const { incident } = record;
    if (incident !== undefined)
      this.#spans.outage({ ...runOf(record), incident }, record.segmentFrom, wallAt, "segment");
    record.segmentFrom = wallAt;
    record.segmentAt = now + segmentEveryMs;
  }

  /** The whole of an incident, from its first failure, whatever was told of it meanwhile. */
  outage(record: CheckRecord, incident: Incident, wallAt: number, endReason: OutageEndReason): void {
    this.#spans.outage({ ...runOf(record), incident }, incident.wallSince, wallAt, endReason);
  }

  /** The check ends, whatever it has under way. */
  ended(record: CheckRecord, wallAt: number, endReason: "shutdown" | "unregistered"): void {
    const { live, incident, state } = record;
    record.live = undefined;
    if (live !== undefined)
      this.#spans.endRun(live, runOf(record), Math.max(record.liveFrom, wallAt), state.failing.count, undefined);
    if (incident !== undefined) this.outage(record, incident, wallAt, endReason);
  }
}

function runOf({ name, check, incident }: CheckRecord): RunOfCheck {
  return { name, critical: check.critical, incident };
}
