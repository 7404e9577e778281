import type { Clock, Timer } from "../clock.ts";
import { OptionReader } from "../option-reader.ts";
import { settle } from "./settle.ts";

interface FakeTimer {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
}

/** The condition of {@link FakeClock.advanceUntil} has this long to hold. */
export interface AdvanceUntilOptions {
  /** Milliseconds on the clock. */
  readonly withinMs: number;
}

const longestSeed = 2_147_483_646;
/** The farthest moment that a `Date` can hold, milliseconds. */
const farthestWallTime = 8.64e15;

/**
 * A clock that stands still until a test moves it: no test waits, and each sees the same times and random numbers in
 * every run. It knows nothing of real time: what a check asks of a real socket or disk is best answered by the test.
 */
export class FakeClock implements Clock {
  #now = 0;
  readonly #wallOrigin: number;
  #order = 0;
  #seed: number;
  #moving = false;
  readonly #timers = new Set<FakeTimer>();

  /**
   * Wall time starts at `wallTime` (milliseconds since the epoch, default 2026-11-22T13:00:00Z); `seed`, a whole number
   * from 1 to 2147483646, default 1, feeds `random()`. Throws `HealthError` for anything else.
   */
  constructor(wallTime: number = Date.UTC(2026, 10, 22, 13), seed = 1) {
    const reader = new OptionReader("FakeClock", { wallTime, seed });
    const range = { min: -farthestWallTime, max: farthestWallTime, unit: "milliseconds since the epoch" };
    this.#wallOrigin = reader.number("wallTime", range);
    this.#seed = reader.number("seed", { min: 1, max: longestSeed, integer: true });
  }

  /** Milliseconds by which time was moved so far. */
  now(): number {
    return this.#now;
  }

  /** Milliseconds since the epoch; moves with `now()`. */
  wallTime(): number {
    return this.#wallOrigin + this.#now;
  }

  /** A multiplicative congruential generator: enough to spread, easy to repeat. */
  random(): number {
    this.#seed = (this.#seed * 48_271) % 2_147_483_647;
    return (this.#seed - 1) / 2_147_483_646;
  }

  /** The timer fires in the advance that reaches its time; a negative delay is none. Throws `HealthError` for NaN. */
  setTimer(callback: () => void, delayMs: number): Timer {
    // Rounded up as the process's own clock does: a fraction too small to move time would be waited for without end.
    const at = this.#now + Math.max(0, Math.ceil(delayMs));
    if (Number.isNaN(at)) new OptionReader("setTimer()", {}).fail("delayMs", "a number (milliseconds)", delayMs);
    const timer: FakeTimer = { at, order: this.#order++, callback };
    this.#timers.add(timer);
    return timer;
  }

  clearTimer(timer: Timer): void {
    this.#timers.delete(timer as FakeTimer);
  }

  /** Timers that are armed, whoever armed them: 0 once everything that was given this clock has been stopped. */
  get armed(): number {
    return this.#timers.size;
  }

  /**
   * Moves time on by `ms` milliseconds, firing each timer at its time, in order, and calling {@link settle} before the
   * first and after each one. Rejects with what a timer's callback throws, and when it is called while time is being
   * moved already: await one before the next.
   */
  async advance(ms: number): Promise<void> {
    const duration = readDuration("advance()", "ms", ms);
    await this.#move(() => this.#fireUntil(this.#now + duration, () => false));
  }

  /**
   * Moves time on, timer by timer, until `condition` holds, which may be at once; resolves to the milliseconds that this
   * took. Rejects where it does not hold within `withinMs`, with what it throws, and otherwise as `advance` does.
   */
  async advanceUntil(condition: () => boolean, { withinMs }: AdvanceUntilOptions): Promise<number> {
    const duration = readDuration("advanceUntil()", "withinMs", withinMs);
    const from = this.#now;
    if (!(await this.#move(() => this.#fireUntil(from + duration, condition))))
      throw new Error(`the condition did not hold within ${withinMs} ms on the clock: ${condition}`);
    return this.#now - from;
  }

  /** Moves time on by `ms` milliseconds without firing anything: what a blocked loop or a suspended process does. */
  block(ms: number): void {
    this.#now += readDuration("block()", "ms", ms);
  }

  async #move<T>(fire: () => Promise<T>): Promise<T> {
    if (this.#moving) throw new Error("the clock is being moved already: await that advance before the next one");
    this.#moving = true;
    try {
      return await fire();
    } finally {
      this.#moving = false;
    }
  }

  /** Whether `done` came true on the way to `end`; time stands still where it did. */
  async #fireUntil(end: number, done: () => boolean): Promise<boolean> {
    for (;;) {
      await settle();
      if (done()) return true;
      const next = this.#next(end);
      if (next === undefined) break;
      this.#now = Math.max(this.#now, next.at);
      this.#timers.delete(next);
      next.callback();
    }
    this.#now = Math.max(this.#now, end);
    return done();
  }

  #next(end: number): FakeTimer | undefined {
    let first: FakeTimer | undefined;
    for (const timer of this.#timers) {
      if (timer.at > end) continue;
      if (first === undefined || timer.at < first.at || (timer.at === first.at && timer.order < first.order))
        first = timer;
    }
    return first;
  }
}

function readDuration(where: string, name: "ms" | "withinMs", given: number): number {
  const rule = { min: 0, max: Number.MAX_SAFE_INTEGER, unit: "milliseconds" };
  return new OptionReader(where, { [name]: given }).number(name, rule);
}
