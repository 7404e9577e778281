import { fail, type Outcome, warn } from "@otel-health/core";
import type { Census } from "./census.ts";

/** Bounds; `Infinity`, and 0 workers, for none. */
export interface Bounds {
  readonly warnBacklog: number;
  readonly failBacklog: number;
  readonly warnOldestMs: number;
  readonly failOldestMs: number;
  readonly warnFailed: number;
  readonly minWorkers: number;
}

const behind =
  "the workers do not keep up: are they running, slow, or failing and trying again? Add some, or look at one";

/** Judges a queue, the worst first; undefined where all is well. */
export function judgeCensus(census: Census, bounds: Bounds, wallTime: number): Outcome | undefined {
  const { backlog, failed, paused, waitingSince, workers } = census;
  const hint = paused ? "the queue is paused: nobody takes a job until it is resumed" : behind;
  const oldestMs = waitingSince === undefined ? 0 : Math.max(0, wallTime - waitingSince);
  const many = `${backlog} jobs are waiting`;
  const old = `the next job has been waiting for ${Math.round(oldestMs / 1_000)} s`;
  if (backlog > bounds.failBacklog) {
    return fail(`${many}, more than ${bounds.failBacklog}`, { errorType: "backlog", hint });
  }
  if (oldestMs > bounds.failOldestMs) {
    return fail(`${old}, more than ${bounds.failOldestMs} ms`, { errorType: "oldest_job", hint });
  }
  if (workers !== undefined && workers < bounds.minWorkers) {
    return warn(`${workers} workers are connected, fewer than ${bounds.minWorkers}`, {
      hint: "are the workers running, and connected to the same server, database and prefix?",
    });
  }
  if (paused) return warn(`the queue is paused, ${many}`, { hint });
  if (backlog > bounds.warnBacklog) return warn(`${many}, more than ${bounds.warnBacklog}`, { hint });
  if (oldestMs > bounds.warnOldestMs) return warn(`${old}, more than ${bounds.warnOldestMs} ms`, { hint });
  if (failed > bounds.warnFailed) {
    return warn(`${failed} jobs have failed for good, more than ${bounds.warnFailed}`, {
      hint: "look at why they failed, then retry or remove them",
    });
  }
  return undefined;
}
