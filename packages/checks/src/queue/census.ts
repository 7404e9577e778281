import type { JobQueue, QueuedJob } from "./clients.ts";

/** What there is to count. */
export interface Census {
  readonly backlog: number;
  readonly failed: number;
  readonly paused: boolean;
  /** Since when the next job has been waiting, milliseconds since the epoch; undefined where none is known to. */
  readonly waitingSince: number | undefined;
  /** Undefined where it was not asked. */
  readonly workers: number | undefined;
}

/** What is wanted to know beside the backlog. */
export interface Curiosity {
  readonly oldest: boolean;
  readonly workers: boolean;
}

/** Jobs that are looked at for one that nobody has taken yet. */
const looked = 5;

/** Counts a queue, all in one round trip where it can. Nothing is taken, moved or changed. */
export async function takeCensus(queue: JobQueue, { oldest, workers }: Curiosity): Promise<Census> {
  const [counts, paused, next, working] = await Promise.all([
    queue.getJobCounts("waiting", "prioritized", "failed"),
    queue.isPaused?.() ?? false,
    oldest ? queue.getWaiting?.(0, looked - 1) : undefined,
    workers ? queue.getWorkersCount?.() : undefined,
  ]);
  const prioritized = countOf(counts, "prioritized");
  const waiting = next?.length === 0 && prioritized > 0 ? await queue.getPrioritized?.(0, looked - 1) : next;
  return {
    // A queue that pauses may keep its jobs elsewhere meanwhile.
    backlog: countOf(counts, "waiting") + prioritized + countOf(counts, "paused"),
    failed: countOf(counts, "failed"),
    paused: paused === true,
    waitingSince: sinceWhen(waiting ?? []),
    workers: workers ? number(working) : undefined,
  };
}

function countOf(counts: { readonly [type: string]: number }, type: string): number {
  return number(counts[type] ?? 0);
}

function number(value: unknown): number {
  if (typeof value === "number" && value >= 0) return value;
  throw new Error("the queue does not count in numbers");
}

/**
 * Of a job that was tried before nobody knows how long it has been waiting for another try; a delay was not waited for
 * anybody.
 */
function sinceWhen(jobs: readonly (QueuedJob | undefined)[]): number | undefined {
  const job = jobs.find((each) => each !== undefined && each.processedOn === undefined);
  return job === undefined ? undefined : number(job.timestamp) + number(job.opts?.delay ?? 0);
}
