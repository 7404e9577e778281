import type { Clock } from "../clock.ts";

/**
 * A schedule that is later than this many milliseconds was not merely busy: the process was suspended or its loop was
 * blocked. Timers of an idle loop are late by 1–2 ms; a block of a second is what operators call a stall.
 */
const gapMs = 1_000;

/**
 * The time in which this process could act: monotonic time less the gaps. Ages and due times count in it, so that a
 * process that wakes after an hour has fresh grace for everything instead of an hour of overdue decisions.
 */
export class Timeline {
  readonly #clock: Clock;
  #nextDue = Number.POSITIVE_INFINITY;
  #gaps = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds; never goes back. A gap is taken out by whoever asks first, before anyone sees it as age. */
  now(): number {
    const now = this.#clock.now() - this.#gaps;
    const late = now - this.#nextDue;
    if (late < gapMs) return now;
    this.#gaps += late;
    return this.#nextDue;
  }

  /** All gaps so far, milliseconds. */
  get gaps(): number {
    return this.#gaps;
  }

  /** Says when the schedule wants to act next; being much later than that is what makes a gap. */
  expect(at: number): void {
    this.#nextDue = at;
  }
}
