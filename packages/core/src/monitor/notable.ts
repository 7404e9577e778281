import type { Observation } from "../observation/observation.ts";
import type { CheckRecord } from "./check-record.ts";

/** Runs in trouble that each get a span, before they are thinned out: an hour's outage must not make 360 traces. */
const firstRuns = 5;

/** Whether the `nth` run since trouble began gets a span: the first five, then the 1st, 2nd, 4th, 8th … after them. */
export function isDue(nth: number): boolean {
  const beyond = nth - firstRuns;
  return beyond <= 0 || (beyond & (beyond - 1)) === 0;
}

/**
 * Counts a run that is not a plain pass, or that comes before recovery; says whether it gets a span. A plain pass
 * outside of any incident ends the counting.
 */
export function countRun(record: CheckRecord, { outcome, durationMs }: Observation): boolean {
  if (durationMs === undefined) return false;
  if (outcome !== "pass" || record.incident !== undefined) return isDue(++record.notable);
  // A pass that is on its way to a first state has that to be linked to.
  if (record.state.status !== "healthy") return false;
  record.notable = 0;
  record.unlink();
  return false;
}
