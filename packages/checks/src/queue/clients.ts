/** What is used of a job that waits. Times are milliseconds since the epoch. */
export interface QueuedJob {
  /** When it was added. */
  readonly timestamp: number;
  /** It was to wait this long, milliseconds, before anybody might take it. */
  readonly opts?: { readonly delay?: number };
  /** The same as it is now, if it was changed since. */
  readonly delay?: number;
  /** When somebody took it; such a job waits for another try. */
  readonly processedOn?: number;
}

/** What is used of a queue: that of `Queue` of `bullmq`; another fits once it has `getJobCounts()`. */
export interface JobQueue {
  /**
   * How many jobs there are of each of these types, by type. Asked are "waiting", "prioritized" and "failed"; the sum of
   * "waiting", "prioritized" and "paused" is the backlog; but for "waiting" a type that is not there counts as none.
   */
  getJobCounts(...types: ("waiting" | "prioritized" | "failed")[]): Promise<{ readonly [type: string]: number }>;
  /** The jobs at these places, the next one to be taken first. Needed for bounds on the oldest. */
  getWaiting?(start: number, end: number): Promise<readonly (QueuedJob | undefined)[]>;
  /** The same of those that have a priority, which are taken when none waits without. */
  getPrioritized?(start: number, end: number): Promise<readonly (QueuedJob | undefined)[]>;
  /** The same of those that are delayed, the next one to be due first: in some queues it is a worker that lets them wait. */
  getDelayed?(start: number, end: number): Promise<readonly (QueuedJob | undefined)[]>;
  /** Nobody is to take a job now. */
  isPaused?(): Promise<boolean>;
  /** Needed for `minWorkers`. */
  getWorkersCount?(): Promise<number>;
  /** Defined once it is being closed. */
  readonly closing?: unknown;
}
