import { type Pulse, pulseWords } from "../worker/probe-work.ts";

/** A thread that looks many times a second and has not for so long does not come back, milliseconds. */
export const stillAfterMs = 10_000;

/** Notices that the thread that watches stands still itself, as in a system call that does not return. */
export class ThreadStillness {
  readonly #pulse: Pulse;
  readonly #mostPerLookMs: number;
  #looks: number;
  #lookedAt: number;
  #stillMs = 0;

  /**
   * `now` is monotonic milliseconds. One that comes later than `mostPerLookMs` after the one before counts for no more:
   * this thread did not run meanwhile, and cannot say of the other that it did.
   */
  constructor(pulse: Pulse, now: number, mostPerLookMs: number) {
    this.#pulse = pulse;
    this.#mostPerLookMs = mostPerLookMs;
    this.#looks = Atomics.load(pulse, pulseWords.looks);
    this.#lookedAt = now;
  }

  /** To be called often. Whether it has stood still for {@link stillAfterMs} now: once each time. */
  look(now: number): boolean {
    const looks = Atomics.load(this.#pulse, pulseWords.looks);
    const passedMs = Math.min(now - this.#lookedAt, this.#mostPerLookMs);
    this.#lookedAt = now;
    if (looks !== this.#looks) {
      this.#looks = looks;
      this.#stillMs = 0;
      return false;
    }
    const before = this.#stillMs;
    this.#stillMs += passedMs;
    return before < stillAfterMs && this.#stillMs >= stillAfterMs;
  }
}
