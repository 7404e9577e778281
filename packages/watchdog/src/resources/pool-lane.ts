/** Starts the smallest job there is in a part of the thread pool, and calls back when it was done or failed. */
export type StartJob = (done: () => void) => void;

/** A way into libuv's thread pool. It never holds more than one job of ours: a pool that hangs is not filled further. */
export class PoolLane {
  readonly #start: StartJob;
  #job: Promise<void> | undefined;

  constructor(start: StartJob) {
    this.#start = start;
  }

  /** Resolves when the job that is under way, else one that begins now, was done. Never rejects. */
  job(): Promise<void> {
    this.#job ??= new Promise<void>((resolve) => this.#start(resolve))
      // What cannot be started waits for nothing.
      .catch(() => {})
      .finally(() => {
        this.#job = undefined;
      });
    return this.#job;
  }
}
