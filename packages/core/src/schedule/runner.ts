import type { ResolvedCheck, ScheduleRules } from "../check/resolve-check.ts";
import type { Clock } from "../clock.ts";
import type { ErrorTypes } from "../observation/error-type.ts";
import type { Answer } from "../observation/observation.ts";
import { failed, readReturned, readThrown } from "../observation/read-answer.ts";
import { guarded } from "../telemetry/guard.ts";
import { detached, inSpan, untraced } from "../telemetry/suppress.ts";
import { timerAccuracyMs } from "./agenda.ts";
import { backoffDelay, intervalDelay } from "./delay.ts";
import type { Driver, DriverHost } from "./driver.ts";
import { Run } from "./run.ts";
import type { RunQueue, Waiting } from "./run-queue.ts";

/** Runs that ignored their signal and never settled; more of them would only pile up. */
const mostAbandoned = 3;
/** A check that is told of news again and again is run at most ten times a second: milliseconds between two runs. */
const leastApartMs = 100;
const none: readonly Run[] = [];

/** What the runners of one health object share. */
export interface RunnerParts {
  readonly clock: Clock;
  readonly queue: RunQueue;
  readonly errorTypes: ErrorTypes;
}

/** Runs a check function on its schedule: never twice at once, each run with a hard deadline. */
export class Runner implements Driver, Waiting {
  readonly #rules: ScheduleRules;
  readonly #check: ResolvedCheck;
  readonly #parts: RunnerParts;
  readonly #host: DriverHost;
  /** The oldest first. */
  #abandoned: readonly Run[] = none;
  #phase: "idle" | "queued" | "running" | "stopped" = "idle";
  #run: Run | undefined;
  #dueAt = Number.POSITIVE_INFINITY;
  #excusedBefore = false;
  #started = false;
  /** The newest answer was that hung runs fill the allowance: the next run is a trial, and not before it is due. */
  #stuck = false;
  #underWay: Promise<void> | undefined;
  #detach: (() => void) | undefined;
  /** Asked for while a run was under way, which may have looked before there was news. */
  #again = false;
  #finishedAt = Number.NEGATIVE_INFINITY;
  #waiters: (() => void)[] | undefined;

  constructor(rules: ScheduleRules, check: ResolvedCheck, parts: RunnerParts, host: DriverHost) {
    this.#rules = rules;
    this.#check = check;
    this.#parts = parts;
    this.#host = host;
  }

  get wakeAt(): number {
    if (this.#phase === "idle") return this.#dueAt;
    return this.#run?.deadlineAt ?? Number.POSITIVE_INFINITY;
  }

  get dueAt(): number | undefined {
    return this.#dueAt === Number.POSITIVE_INFINITY ? undefined : this.#dueAt;
  }

  get runningForMs(): number | undefined {
    return this.#phase === "running" ? this.#rules.timeoutMs : undefined;
  }

  start(): void {
    this.#started = true;
    this.#schedule(this.#host.now() + this.#rules.initialDelayMs);
    const { attach } = this.#rules;
    if (attach !== undefined)
      this.#detach = guarded("attaching a check", () => untraced(attach, () => detached(() => this.#runNow())));
  }

  wake(now: number): void {
    if (this.#phase === "running") this.#deadline(now);
    else if (this.#phase === "idle" && now >= this.#dueAt) this.#request();
  }

  begin(): void {
    const run = new Run(
      this.#parts.clock,
      this.#rules.timeoutMs,
      this.#host.now(),
      this.#host.stalled(),
      this.#host.gaps(),
    );
    this.#phase = "running";
    this.#run = run;
    run.deadlineAt = run.startedAt + this.#rules.timeoutMs;
    this.#underWay = this.#execute(run);
    this.#host.rearm();
  }

  refresh(): Promise<void> {
    // Who asks a stuck check more often than its trials only leaves more behind.
    const resting = this.#stuck && this.#phase === "idle" && this.#host.now() < this.#dueAt;
    if (resting || this.#phase === "stopped") return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiters ??= [];
    this.#waiters.push(resolve);
    if (this.#phase === "idle") detached(() => this.#request());
    return promise;
  }

  async stop(): Promise<void> {
    const detach = this.#detach;
    this.#detach = undefined;
    if (typeof detach === "function") guarded("detaching a check", detach);
    if (this.#phase === "queued") this.#queue?.cancel(this);
    const running = this.#phase === "running";
    if (running) this.#queue?.release();
    this.#phase = "stopped";
    this.#dueAt = Number.POSITIVE_INFINITY;
    for (const run of this.#run === undefined ? this.#abandoned : [this.#run, ...this.#abandoned]) {
      run.abort("the check was stopped", "AbortError");
    }
    this.#run = undefined;
    this.#release();
    // A run that was given up is not waited for.
    if (running) await this.#underWay;
  }

  /** Brings the next run forward; however often it is asked, runs keep their distance. */
  #runNow(): void {
    if (this.#phase === "running") this.#again = true;
    else if (this.#phase === "idle" && !this.#stuck)
      this.#schedule(Math.min(this.#dueAt, Math.max(this.#host.now(), this.#finishedAt + leastApartMs)));
  }

  /** Only what may wait for someone else takes a slot: hanging dependencies can't starve the rest. */
  get #queue(): RunQueue | undefined {
    return this.#check.inProcess ? undefined : this.#parts.queue;
  }

  #request(): void {
    this.#phase = "queued";
    if (this.#queue === undefined) this.begin();
    else this.#queue.request(this);
  }

  /** Never rejects: whatever the function does becomes an answer. */
  async #execute(run: Run): Promise<void> {
    const { errorTypes } = this.#parts;
    let answer: Answer;
    try {
      const span = this.#host.traced();
      const { run: ask } = this.#rules;
      const returned = span === undefined ? untraced(ask, run.context) : inSpan(span, ask, run.context);
      answer = readReturned(await returned, errorTypes);
    } catch (thrown) {
      // A throw is heard in the turn of the call, and thousands of them that wait for one slot would be one deep stack.
      await Promise.resolve();
      answer = readThrown(thrown, errorTypes);
    }
    if (run === this.#run) this.#finish(run, answer);
    else if (this.#abandoned.includes(run)) {
      this.#abandoned = this.#abandoned.filter((other) => other !== run);
      this.#forgotten();
    }
  }

  #deadline(now: number): void {
    const run = this.#run;
    if (run === undefined || now < run.deadlineAt) return;
    const late = Math.max(this.#host.stalled() - run.stalledBefore, now - run.deadlineAt);
    const excusable = late > timerAccuracyMs;
    if (late > 0 && !run.extended && !(excusable && this.#excusedBefore)) {
      // The loop was late, not the dependency: an answer that has arrived meanwhile is read in the turn that follows.
      run.extended = true;
      run.excused = excusable;
      run.deadlineAt = now + Math.min(Math.max(late, 1), this.#rules.timeoutMs);
      return;
    }
    run.abort(`no answer within ${this.#rules.timeoutMs} ms`, "TimeoutError");
    // Three hung runs may be left behind; the oldest makes room for a trial that hangs as well.
    this.#abandoned = [...this.#abandoned, run].slice(-mostAbandoned);
    this.#finish(run, this.#timedOut());
  }

  #timedOut(): Answer {
    const within = `no answer within ${this.#rules.timeoutMs} ms`;
    if (!this.#isFull()) return failed(within, undefined, "timeout", "transient", 0);
    const hint = "the check ignores its signal and never settles; it is tried again once in a while";
    return failed(`${within}, and ${mostAbandoned} runs never settled`, hint, "stuck", "transient", 0);
  }

  #finish(run: Run, answer: Answer): void {
    const now = this.#host.now();
    const { intervalMs, staleAfterMs } = this.#rules;
    this.#run = undefined;
    this.#underWay = undefined;
    this.#phase = "idle";
    this.#excusedBefore = run.excused;
    const stuck = answer.errorType === "stuck" && this.#isFull();
    this.#stuck = stuck;
    this.#finishedAt = now;
    const delayMs = this.#delay(answer, stuck, now);
    const nextAt = now + (this.#again && !stuck ? Math.min(delayMs, leastApartMs) : delayMs);
    this.#again = false;
    // Before the start a run is only ever asked for.
    this.#dueAt = this.#started ? nextAt : Number.POSITIVE_INFINITY;
    this.#host.answer(answer, {
      // What a dependency asks for must not hide that there is no newer answer; a stuck check has said so itself.
      staleAt: (stuck ? nextAt : Math.min(nextAt, now + intervalMs)) + staleAfterMs,
      durationMs: now - run.startedAt + this.#host.gaps() - run.gapsBefore,
      loopLagMs: this.#host.stalled() - run.stalledBefore,
      stuck,
    });
    this.#queue?.release();
    this.#release();
  }

  #delay(answer: Answer, stuck: boolean, now: number): number {
    const { intervalMs, timeoutMs, jitter, backoff } = this.#rules;
    const { clock } = this.#parts;
    const { gracePeriodMs, persistentAfterMs } = this.#check;
    if (stuck) return persistentAfterMs;
    if (answer.outcome !== "fail")
      return Math.max(
        intervalDelay(intervalMs, jitter, clock.random()),
        Math.min(answer.retryAfterMs, persistentAfterMs),
      );
    const { count, since } = this.#host.failing();
    const delay = backoffDelay(intervalMs, backoff, count + 1, clock.random());
    // Once more before the grace ends: what is over by then was a blip, and a blip makes nothing unhealthy.
    const lastChance = (count > 0 ? since : now) + gracePeriodMs - timeoutMs - now;
    const sooner = lastChance > timerAccuracyMs ? Math.min(delay, lastChance) : delay;
    return Math.max(sooner, Math.min(answer.retryAfterMs, persistentAfterMs));
  }

  /** A run that was given up has settled after all: a stuck check need not wait for its trial. */
  #forgotten(): void {
    if (!this.#stuck || this.#phase !== "idle") return;
    this.#stuck = false;
    if (!this.#started) return;
    const { intervalMs, backoff } = this.#rules;
    const delay = backoffDelay(intervalMs, backoff, 1, this.#parts.clock.random());
    this.#schedule(Math.min(this.#dueAt, this.#host.now() + delay));
  }

  #isFull(): boolean {
    return this.#abandoned.length >= mostAbandoned;
  }

  #schedule(at: number): void {
    this.#dueAt = at;
    this.#host.rearm();
  }

  #release(): void {
    const waiters = this.#waiters ?? [];
    this.#waiters = undefined;
    for (const resolve of waiters) resolve();
  }
}
