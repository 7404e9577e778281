import type { Observation } from "../observation/observation.ts";
import type { CheckRecord } from "./check-record.ts";

/** Runs of one incident that each get a span, before they are thinned out. */
const firstRuns = 5;

/**
 * Whether a run gets a span: every run that is not a plain pass, and every run until recovery, of those the first five,
 * then the 1st, 2nd, 4th, 8th … after them. Counts the run.
 */
export function isNotable(record: CheckRecord, { outcome, durationMs }: Observation): boolean {
  if (durationMs === undefined) return false;
  if (outcome === "pass" && record.incident === undefined) {
    record.notable = 0;
    record.unlink();
    return false;
  }
  const beyond = ++record.notable - firstRuns;
  return beyond <= 0 || (beyond & (beyond - 1)) === 0;
}
