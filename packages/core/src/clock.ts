import { outside } from "./outside.ts";

/** A timer armed by a {@link Clock}; opaque to everyone else. */
export type Timer = object;

/**
 * The one source of time and chance. Nothing else in the library reads a clock, arms a timer or draws a random number,
 * so a test that injects its own decides when everything happens.
 */
export interface Clock {
  /** Monotonic time in milliseconds, from an arbitrary origin. Decisions compare this. */
  now(): number;
  /** Wall time in milliseconds since the Unix epoch. It is rendered, and decides nothing but what `refresh()` runs. */
  wallTime(): number;
  /** A number in [0, 1), for jitter and back-off. */
  random(): number;
  /**
   * Calls `callback` once after `delayMs`. `keepAlive` says whether the timer alone keeps the process running:
   * true only while starting up or draining. The callback belongs to no request in which it was armed.
   */
  setTimer(callback: () => void, delayMs: number, keepAlive: boolean): Timer;
  /** Disarms a timer; one that has fired already is ignored. */
  clearTimer(timer: Timer): void;
}

/** Node turns a longer delay into 1 ms; who waits longer wakes early and arms again. */
const longestDelayMs = 2 ** 31 - 1;

/** The process's own clock. Frozen: every check is given it. */
export const systemClock: Clock = Object.freeze<Clock>({
  // Not performance.now(): the first use of that global makes Node load all of node:perf_hooks, which takes 2 ms.
  now() {
    const [seconds, nanoseconds] = process.hrtime();
    return seconds * 1_000 + nanoseconds / 1_000_000;
  },
  wallTime: () => Date.now(),
  random: () => Math.random(),
  setTimer(callback, delayMs, keepAlive) {
    // Rounded up: a timer that fires a fraction early would only be armed again.
    const timer = outside(setTimeout, callback, Math.min(Math.ceil(delayMs), longestDelayMs)) as NodeJS.Timeout;
    return keepAlive ? timer : timer.unref();
  },
  clearTimer: (timer) => clearTimeout(timer as NodeJS.Timeout),
});
