import type { Clock, Timer } from "../clock.ts";

interface FakeTimer {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
}

/** Lets everything that is ready to run run: all microtasks, and one turn of the loop. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A clock that stands still until a test moves it. Its random numbers repeat from run to run. */
export class FakeClock implements Clock {
  #now = 0;
  readonly #wallOrigin: number;
  #order = 0;
  #seed: number;
  readonly #timers = new Set<FakeTimer>();

  /** Wall time starts at `wallTime` (milliseconds since the epoch, default 2026-11-22T13:00:00Z), `seed` feeds `random()`. */
  constructor(wallTime: number = Date.UTC(2026, 10, 22, 13), seed = 1) {
    this.#wallOrigin = wallTime;
    this.#seed = seed;
  }

  now(): number {
    return this.#now;
  }

  wallTime(): number {
    return this.#wallOrigin + this.#now;
  }

  /** A multiplicative congruential generator: enough to spread, easy to repeat. */
  random(): number {
    this.#seed = (this.#seed * 48_271) % 2_147_483_647;
    return (this.#seed - 1) / 2_147_483_646;
  }

  setTimer(callback: () => void, delayMs: number): Timer {
    // Rounded up as the process's own clock does: a fraction too small to move time would be waited for without end.
    const timer: FakeTimer = { at: this.#now + Math.ceil(delayMs), order: this.#order++, callback };
    this.#timers.add(timer);
    return timer;
  }

  clearTimer(timer: Timer): void {
    this.#timers.delete(timer as FakeTimer);
  }

  /** Timers that are armed. */
  get armed(): number {
    return this.#timers.size;
  }

  /** Moves time on, firing each timer at its time and letting what it starts settle. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#now = Math.max(this.#now, next.at);
      this.#timers.delete(next);
      next.callback();
      await settle();
    }
    this.#now = Math.max(this.#now, end);
  }

  /** Moves time on without firing anything: what a blocked loop or a suspended process does. */
  block(ms: number): void {
    this.#now += ms;
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
