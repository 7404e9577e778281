/** Answers in a row that it takes to change a result. */
export interface StreakThresholds {
  readonly successes: number;
  readonly failures: number;
}

/** The result of a probe: it stays as it is until as many answers in a row say otherwise as the thresholds ask for. */
export class Streak {
  readonly #thresholds: StreakThresholds;
  #result: boolean | undefined;
  #last: boolean | undefined;
  #length = 0;

  /** Undefined stands for no result yet; the first success is one, whatever the threshold. */
  constructor(initial: boolean | undefined, thresholds: StreakThresholds) {
    this.#result = initial;
    this.#thresholds = thresholds;
  }

  get result(): boolean | undefined {
    return this.#result;
  }

  add(ok: boolean): void {
    this.#length = ok === this.#last ? this.#length + 1 : 1;
    this.#last = ok;
    const { successes, failures } = this.#thresholds;
    const needed = ok ? (this.#result === undefined ? 1 : successes) : failures;
    if (this.#length >= needed) this.#result = ok;
  }
}
