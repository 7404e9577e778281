import {
  type CheckFunction,
  type Clock,
  fail,
  mapOutcome,
  type Outcome,
  pass,
  type RunContext,
  type Timer,
  warn,
} from "@otel-health/core";
import type { CallWatcher, EndedCall } from "../calls/call-index.ts";
import type { WindowOptions } from "../options.ts";
import type { OwnCalls } from "../sources/own-calls.ts";
import { Tally } from "../window/tally.ts";
import { counted, duration, failures } from "../words.ts";
import { type Basis, judge } from "./judge.ts";

/**
 * A timer that is later than this many milliseconds was not merely late: the process was suspended, or its loop was
 * blocked, and whatever took that long is no one's fault who was called.
 */
const gapMs = 1_000;

/** What a {@link Dependency} is given. */
export interface DependencyParts {
  /** Asks the dependency itself; undefined where nobody can. */
  readonly ask: CheckFunction | undefined;
  readonly window: Required<WindowOptions>;
  /** Milliseconds; `Infinity` for no bound. */
  readonly maxP95Ms: number;
  readonly isError: ((call: EndedCall) => boolean) | undefined;
  readonly schedule: {
    readonly intervalMs: number;
    readonly timeoutMs: number;
    readonly failureThreshold: number;
    readonly successThreshold: number;
  };
  readonly own: OwnCalls;
  readonly clock: Clock;
  readonly missesCalls: () => boolean;
}

/** One dependency as the service's calls to it show it, and as the active check finds it where they can't. */
export class Dependency implements CallWatcher {
  readonly tally: Tally;
  readonly #parts: DependencyParts;
  readonly #ask: CheckFunction | undefined;
  /** Calls that have begun since one ended and were not given up. */
  #waiting = 0;
  /** Whether one was given up, after a patient wait, since the timer last looked. */
  #hasGivenUp = false;
  /** When one was first noticed: it has been waited for since then at least. */
  #waitingSince: number | undefined;
  /** Whether it has been waited for too long, and a run was asked for. */
  #isStuck = false;
  #timer: Timer | undefined;
  #timerDueAt = Number.POSITIVE_INFINITY;
  /** When it was last noticed that the process goes on after a gap. */
  #resumedAt = Number.NEGATIVE_INFINITY;
  /** The run that is under way. */
  #run: symbol | undefined;
  #newest: Outcome["status"] | undefined;
  /** Runs in a row that found the same. */
  #alike = 0;

  constructor(parts: DependencyParts) {
    this.#parts = parts;
    this.tally = new Tally({ ...parts.window, maxMs: parts.maxP95Ms, early: parts.ask !== undefined }, parts.clock);
    // Whatever the active check does becomes an outcome.
    this.#ask = parts.ask && mapOutcome(parts.ask, (outcome) => outcome).run;
  }

  /** Nobody hears of its calls any more. */
  stop(): void {
    this.#forget();
    if (this.#timer !== undefined) this.#parts.clock.clearTimer(this.#timer);
    this.#timer = undefined;
    this.#timerDueAt = Number.POSITIVE_INFINITY;
  }

  begun(): void {
    this.#waiting++;
    if (this.#timer === undefined && !this.#isStuck) this.#arm();
  }

  ended(call: EndedCall): number | undefined {
    this.#forget();
    const { isError, clock } = this.#parts;
    const now = clock.now();
    const failed = isError === undefined ? call.failed : isError(call);
    if (!failed) return this.tally.count(now, false, undefined, this.#withoutGap(now, call.durationMs));
    this.tally.count(now, true, call.errorType, undefined);
    return undefined;
  }

  givenUp(ms: number): void {
    const now = this.#parts.clock.now();
    if (this.tally.giveUp(now, this.#withoutGap(now, ms) ?? 0)) {
      this.#hasGivenUp = true;
      if (this.#waiting > 0 && now - ms >= this.tally.lastEndedAt) this.#waiting--;
    } else {
      // Whoever changes his mind says nothing, also not of those that began before.
      this.#forget();
    }
  }

  amend(counted: number | undefined, errorType: string): void {
    if (counted !== undefined) this.tally.amend(counted, errorType);
  }

  async run(context: RunContext): Promise<Outcome> {
    const run = Symbol("run");
    const now = this.#parts.clock.now();
    // The schedule has given up the one before, which has failed that way.
    if (this.#run !== undefined) this.#found("fail", false);
    this.#run = run;
    this.tally.begin(now);
    const basis = this.#judge(now);
    const ask = basis === "calls fail" || basis === "calls pass" ? undefined : this.#ask;
    const outcome = ask === undefined ? this.#byCalls(basis, now) : await this.#actively(ask, basis, context, now);
    if (this.#run !== run) return outcome;
    this.#run = undefined;
    // It is over: what failed before must not make it fail again when there is traffic once more.
    const isBack = ask !== undefined && outcome.status !== "fail" && this.tally.failing;
    if (isBack && this.tally.isOver) this.tally.window.clear();
    this.#found(outcome.status, ask === undefined);
    return outcome;
  }

  /** What a run found, and whether it is the calls that say so. */
  #found(status: Outcome["status"], byCalls: boolean): void {
    this.#alike = status === this.#newest ? this.#alike + 1 : 1;
    this.#newest = status;
    this.tally.judged(status === "fail", byCalls);
    // What the calls say has been weighed: the check's own thresholds are met in runs that follow at once.
    const { failureThreshold, successThreshold } = this.#parts.schedule;
    if (byCalls && this.#alike < (status === "pass" ? successThreshold : failureThreshold)) this.tally.runNow();
  }

  /**
   * Where nothing answers there is no news to wake anybody: one timer for all calls looks now and then whether any has
   * ended. It is also what reads the clock, so that not each call that begins has to.
   */
  #arm(): void {
    const { clock, schedule } = this.#parts;
    const delayMs = schedule.timeoutMs / 2;
    const look = () => {
      const now = clock.now();
      this.#timer = undefined;
      this.#noticeGap(now);
      this.#timerDueAt = Number.POSITIVE_INFINITY;
      if (this.#waiting === 0 && !this.#hasGivenUp) return this.#forget();
      this.#hasGivenUp = false;
      this.#waitingSince = Math.max(this.#waitingSince ?? now, this.#resumedAt);
      if (now - this.#waitingSince < schedule.timeoutMs) return this.#arm();
      this.#isStuck = true;
      this.tally.runNow();
    };
    this.#timerDueAt = clock.now() + delayMs;
    this.#timer = clock.setTimer(look, delayMs, false);
  }

  #noticeGap(now: number): void {
    if (now - this.#timerDueAt >= gapMs) this.#resumedAt = now;
  }

  /** How long a call that ends now has taken; undefined where there was a gap meanwhile. */
  #withoutGap(now: number, ms: number): number | undefined {
    this.#noticeGap(now);
    return now - ms < this.#resumedAt ? undefined : ms;
  }

  /** A call has ended, or nobody waits: whatever began before is not what is waited for. */
  #forget(): void {
    this.#waiting = 0;
    this.#hasGivenUp = false;
    this.#waitingSince = undefined;
    this.#isStuck = false;
  }

  #judge(now: number): Basis {
    const { tally } = this;
    const { window, schedule } = this.#parts;
    return judge({
      calls: tally.window.calls,
      minSamples: window.minSamples,
      isUnanswered: tally.isUnanswered,
      isOver: tally.isOver,
      failing: tally.failing,
      windowMs: window.windowMs,
      idleMs: now - tally.lastEndedAt,
      goodMs: now - tally.lastErrorAt,
      waiting: this.#waiting,
      isStuck: this.#isStuck,
      // What a ping each interval would know; a pause that is short beside the window is none.
      freshMs: Math.max(schedule.intervalMs, window.windowMs / 4),
    });
  }

  /** What the calls say. Where they can't tell and nobody else can: what spoke against the dependency still does. */
  #byCalls(basis: Basis, now: number): Outcome {
    const { window, maxP95Ms } = this.#parts;
    const { calls, timed } = this.tally.window;
    const within = duration(window.windowMs);
    const said = failures(this.tally, "call");
    const { isEnough, isOver, lastErrorType } = this.tally;
    if (isEnough && isOver) return fail(said, { errorType: errorTypeOf(lastErrorType) });
    if (basis === "stuck" || basis === "unanswered") return warn(this.#why(basis, now));
    if (!isEnough) return pass(`too little traffic to judge: ${counted(calls, "call")} in ${within}`);
    const p95Ms = timed < window.minSamples ? undefined : this.tally.window.quantile(0.95);
    if (p95Ms === undefined || p95Ms <= maxP95Ms) return pass(said);
    const share = `the slowest twentieth of ${timed} calls in ${within}`;
    return warn(`${share} took ${duration(p95Ms)} or more, above ${duration(maxP95Ms)}`);
  }

  async #actively(ask: CheckFunction, basis: Basis, context: RunContext, now: number): Promise<Outcome> {
    const outcome = (await this.#parts.own.run(() => ask(context))) ?? pass();
    const said = outcome.message ?? (outcome.status === "pass" ? "passed" : outcome.status);
    return { ...outcome, message: `active: ${said} (${this.#why(basis, now)})` };
  }

  #why(basis: Basis, now: number): string {
    const { window, missesCalls } = this.#parts;
    const within = duration(window.windowMs);
    switch (basis) {
      case "idle":
        return `no call has ended for ${duration(now - this.tally.lastEndedAt)}`;
      case "unanswered":
        return `${counted(this.tally.window.unanswered, "call")} given up without an answer in ${within}`;
      case "stuck":
        return `no call has ended for ${duration(now - (this.#waitingSince ?? now))}, though one has begun`;
      case "over":
        return `no call has failed for ${duration(now - this.tally.lastErrorAt)}`;
      default: {
        const { calls } = this.tally.window;
        const seen = `${calls === 0 ? "no calls" : `only ${counted(calls, "call")}`} in ${within}`;
        return missesCalls() ? `${seen}, and those in traces that are sampled out are not seen` : seen;
      }
    }
  }
}

/** A status code is no word for `error.type` here: digits alone would not be kept. */
function errorTypeOf(type: string | undefined): string {
  if (type === undefined) return "calls_failed";
  return /^\d{3}$/.test(type) ? `http_${type}` : type;
}
