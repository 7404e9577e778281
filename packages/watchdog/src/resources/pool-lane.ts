import type { Clock } from "@otel-health/core";

/** Starts the smallest job there is in a part of the thread pool, and calls back when it was done or failed. */
export type StartJob = (done: () => void) => void;

/** A job that was given to the pool. */
export interface PoolJob {
  /** Milliseconds of the clock. */
  readonly startedAt: number;
  /** Resolves when it was done; never rejects. */
  readonly done: Promise<void>;
}

/** A way into libuv's thread pool. It never holds more than one job of ours: a pool that hangs is not filled further. */
export class PoolLane {
  readonly #start: StartJob;
  #job: PoolJob | undefined;

  constructor(start: StartJob) {
    this.#start = start;
  }

  /** The job that is under way, else one that begins now. */
  job(clock: Clock): PoolJob {
    this.#job ??= { startedAt: clock.now(), done: this.#done() };
    return this.#job;
  }

  async #done(): Promise<void> {
    try {
      await new Promise<void>((resolve) => this.#start(resolve));
    } catch {
      // What cannot be started waits for nothing.
    }
    this.#job = undefined;
  }
}
