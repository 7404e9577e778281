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
  const [counts, paused, next, delayed, working] = await Promise.all([
    queue.getJobCounts("waiting", "prioritized", "failed"),
    queue.isPaused?.() ?? false,
    oldest ? queue.getWaiting?.(0, looked - 1) : undefined,
    oldest ? queue.getDelayed?.(0, looked - 1) : undefined,
    workers ? queue.getWorkersCount?.() : undefined,
  ]);
  const prioritized = countOf(counts, "prioritized");
  const waiting = next?.length === 0 && prioritized > 0 ? await queue.getPrioritized?.(0, looked - 1) : next;
  return {
    // Every queue has that, and may keep its jobs elsewhere while it is paused.
    backlog: number(counts["waiting"]) + prioritized + countOf(counts, "paused"),
    failed: countOf(counts, "failed"),
    paused: paused === true,
    waitingSince: earliest(waiting?.find(isUntried), delayed?.find(isOnTime)),
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

/** Of a job that was tried before nobody knows how long it has been waiting for another try. */
function isUntried(job: QueuedJob | undefined): job is QueuedJob {
  return job !== undefined && job.processedOn === undefined;
}

/** Nor is it known of one whose delay was changed, from when that counts. */
function isOnTime(job: QueuedJob | undefined): job is QueuedJob {
  return isUntried(job) && job.delay === job.opts?.delay;
}

/** Since when the one of them waits that waits longer: a delay was not waited for anybody, and is in the future until then. */
function earliest(...jobs: readonly (QueuedJob | undefined)[]): number | undefined {
  const times = jobs.flatMap((job) => (job === undefined ? [] : number(job.timestamp) + number(job.opts?.delay ?? 0)));
  return times.length === 0 ? undefined : Math.min(...times);
}
