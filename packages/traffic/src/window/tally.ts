import type { Clock } from "@otel-health/core";
import { SlidingWindow } from "./sliding-window.ts";

/** Milliseconds. Who gives up sooner has changed his mind, or had a better answer. */
const leastPatienceMs = 100;

/** How the calls of a window are judged. */
export interface TallyRules {
  readonly windowMs: number;
  /** Fewer calls than these are not judged. */
  readonly minSamples: number;
  /** Share of failed calls, 0 to 1, beyond which the window fails. */
  readonly maxErrorRatio: number;
  /** Milliseconds that an answer may take; `Infinity` for no bound. */
  readonly maxMs: number;
  /** Whether failures are news also before there are `minSamples` calls, since someone else can then judge. */
  readonly early: boolean;
}

/**
 * The calls of one check in a sliding window. When they cross the line, in either direction, it asks for a run of the
 * check at once: an outage is seen at the speed of the traffic, not of the schedule.
 */
export class Tally {
  readonly rules: TallyRules;
  readonly window: SlidingWindow;
  /** What the newest failed call failed with. */
  lastErrorType: string | undefined;
  /** Milliseconds on the clock. */
  lastEndedAt: number = Number.NEGATIVE_INFINITY;
  lastErrorAt: number = Number.NEGATIVE_INFINITY;
  readonly #clock: Clock;
  readonly #runs = new Set<() => void>();
  /** Milliseconds that 95 of 100 took when there were last enough to say so. */
  #usualMs = 0;
  #failing = false;
  #condemned = false;
  #asked = false;

  constructor(rules: TallyRules, clock: Clock) {
    this.rules = rules;
    this.#clock = clock;
    this.window = new SlidingWindow(rules.windowMs);
  }

  /** Connects a check's schedule; returns what disconnects it. */
  attach(runNow: () => void): () => void {
    const run = () => runNow();
    this.#runs.add(run);
    this.#asked = false;
    return () => void this.#runs.delete(run);
  }

  /** Whether more calls of the window have failed than may. */
  get isOver(): boolean {
    const { calls, errors } = this.window;
    return errors > 0 && errors / calls > this.rules.maxErrorRatio;
  }

  get isEnough(): boolean {
    return this.window.calls >= this.rules.minSamples;
  }

  /** Whether most of what was called for was given up without an answer. */
  get isUnanswered(): boolean {
    const { calls, unanswered } = this.window;
    return unanswered >= this.rules.minSamples && unanswered > calls;
  }

  /**
   * A caller has given up after so many milliseconds without an answer. Says whether that was patience enough to speak
   * against who was called: more than answers usually take, or than they may; only then it is counted.
   */
  giveUp(now: number, ms: number): boolean {
    const isLong = ms > Math.min(this.rules.maxMs, Math.max(this.#usualMs, leastPatienceMs));
    if (isLong) this.window.giveUp(now);
    return isLong;
  }

  /** Counts a call that has ended; `ms` is how long it took, where that says anything. Returns what `amend` takes. */
  count(now: number, failed: boolean, errorType: string | undefined, ms: number | undefined): number {
    const counted = this.window.count(now, failed);
    if (ms !== undefined) this.window.time(now, ms);
    this.lastEndedAt = now;
    if (failed) this.#failed(now, errorType);
    else if (this.#failing && this.isEnough && !this.isOver) this.runNow();
    return counted;
  }

  /** A call that was counted as a success has failed after all. */
  amend(counted: number, errorType: string | undefined): void {
    const now = this.#clock.now();
    this.window.advance(now);
    if (this.window.amend(counted)) this.#failed(now, errorType);
  }

  /** A run begins: what is counted from now on may be news to the next one. */
  begin(now: number): void {
    this.window.advance(now);
    if (this.window.timed >= this.rules.minSamples) this.#usualMs = this.window.quantile(0.95) ?? 0;
    this.#asked = false;
  }

  /** What a run found: whether the check fails, and whether it is these calls that say so. */
  judged(failing: boolean, byCalls: boolean): void {
    this.#failing = failing;
    this.#condemned = failing && byCalls;
  }

  /** Whether the newest run failed. */
  get failing(): boolean {
    return this.#failing;
  }

  /** Asks for a run, once until it begins. */
  runNow(): void {
    if (this.#asked) return;
    this.#asked = true;
    for (const run of this.#runs) run();
  }

  #failed(now: number, errorType: string | undefined): void {
    this.lastErrorAt = now;
    this.lastErrorType = errorType;
    if (this.#condemned || !this.isOver) return;
    if (this.isEnough || (this.rules.early && !this.#failing)) this.runNow();
  }
}
