import type { Clock } from "../clock.ts";
import type { ErrorTypes } from "../observation/error-type.ts";
import type { Answer } from "../observation/observation.ts";
import { type OutcomeStatus, warn } from "../observation/outcome.ts";
import { failed, readReturned, readThrown } from "../observation/read-answer.ts";
import { redact } from "../observation/redact.ts";
import type { Driver, DriverHost } from "../schedule/driver.ts";
import { Heap } from "../schedule/heap.ts";
import { lateMessage } from "./late-message.ts";
import type { TaskLimits } from "./resolve-task.ts";
import { RunningTask } from "./running-task.ts";

/** A task that began after another one failed and has run for so many milliseconds has made up for it, also a loop. */
const provenAfterMs = 10_000;

/**
 * What is worse is told at once, anything else at most once in so many milliseconds: thousands of tasks that end, or
 * fail and do well by turns, must not make as many reports.
 */
const tellEveryMs = 1_000;

const badness: { readonly [S in OutcomeStatus]: number } = { pass: 0, warn: 1, fail: 2 };

/** The newest failure, and how many tasks had begun by then. */
interface Failure {
  readonly answer: Answer;
  readonly begun: number;
}

/** What the supervisor of tasks is given. */
export interface TasksParts {
  readonly clock: Clock;
  readonly errorTypes: ErrorTypes;
}

/**
 * Supervises the running tasks of one name: those past their deadline are a warning or a failure, and so is one that
 * failed, until a later one does better. Each costs a place in a heap; they are woken for by one entry of the agenda.
 */
export class Tasks implements Driver {
  readonly dueAt: undefined = undefined;
  readonly runningForMs: undefined = undefined;
  readonly #parts: TasksParts;
  readonly #host: DriverHost;
  readonly #running = new Set<RunningTask>();
  /** Those that may yet be late, or later. */
  readonly #due: Heap<RunningTask> = new Heap<RunningTask>();
  readonly #late = new Set<RunningTask>();
  #stuck = 0;
  #begun = 0;
  #failure: Failure | undefined;
  #provenAt = Number.POSITIVE_INFINITY;
  #told: OutcomeStatus | undefined;
  #toldAt = Number.NEGATIVE_INFINITY;
  #tellAt = Number.POSITIVE_INFINITY;

  constructor(parts: TasksParts, host: DriverHost) {
    this.#parts = parts;
    this.#host = host;
  }

  get wakeAt(): number {
    return Math.min(this.#due.first?.wakeAt ?? Number.POSITIVE_INFINITY, this.#provenAt, this.#tellAt);
  }

  /** Tasks that have not ended. */
  get running(): number {
    return this.#running.size;
  }

  begin(limits: TaskLimits): RunningTask {
    const { clock } = this.#parts;
    const at = this.#host.now();
    const start = { nth: ++this.#begun, at, wallAt: clock.wallTime(), stalled: this.#host.stalled() };
    const task = new RunningTask(limits, start, clock);
    const wakeAt = this.wakeAt;
    this.#running.add(task);
    this.#due.set(task, at + limits.deadlineMs);
    if (this.#failure !== undefined) this.#provenAt = Math.min(this.#provenAt, at + provenAfterMs);
    if (this.#told === undefined) this.#tell(at);
    else if (this.wakeAt < wakeAt) this.#host.rearm();
    return task;
  }

  fulfilled(task: RunningTask): void {
    const makesUp = this.#failure !== undefined && task.start.nth > this.#failure.begun;
    if (makesUp) this.#forgive();
    if (this.#forget(task) || makesUp) this.#changed(this.#host.now());
  }

  rejected(task: RunningTask, thrown: unknown): void {
    this.#forget(task);
    this.#failure = { answer: readThrown(thrown, this.#parts.errorTypes), begun: this.#begun };
    this.#provenAt = Number.POSITIVE_INFINITY;
    this.#changed(this.#host.now());
  }

  start(): void {}

  wake(now: number): void {
    let changed = now >= this.#tellAt;
    if (now >= this.#provenAt) {
      this.#forgive();
      changed = true;
    }
    for (let task = this.#due.first; task !== undefined && task.wakeAt <= now; task = this.#due.first)
      changed = this.#overdue(task, now) || changed;
    if (changed) this.#changed(now);
  }

  /** Resolves at once: a task is the application's, and not waited for. */
  async stop(): Promise<void> {
    const running = [...this.#running];
    this.#running.clear();
    this.#due.clear();
    this.#late.clear();
    this.#provenAt = Number.POSITIVE_INFINITY;
    this.#tellAt = Number.POSITIVE_INFINITY;
    for (const task of running) task.abort();
  }

  refresh(): undefined {
    return undefined;
  }

  /** Whether it is late, or later than before: what the loop was kept from turning is given back first, once. */
  #overdue(task: RunningTask, now: number): boolean {
    const { start, limits, excusedMs } = task;
    if (excusedMs === undefined) {
      task.excusedMs = Math.min(this.#host.stalled() - start.stalled, limits.deadlineMs);
      if (task.excusedMs > 0) {
        this.#due.set(task, now + task.excusedMs);
        return false;
      }
    }
    if (this.#late.has(task)) {
      task.isStuck = true;
      this.#stuck++;
      this.#due.remove(task);
    } else {
      this.#late.add(task);
      this.#due.set(task, start.at + limits.unhealthyAfterMs + (task.excusedMs ?? 0));
    }
    return true;
  }

  /** Takes out what is known of a task that ended; says whether it was late. */
  #forget(task: RunningTask): boolean {
    this.#running.delete(task);
    this.#due.remove(task);
    if (task.isStuck) this.#stuck--;
    return this.#late.delete(task);
  }

  #forgive(): void {
    this.#failure = undefined;
    this.#provenAt = Number.POSITIVE_INFINITY;
  }

  /** What is told has changed: for the worse, for the better, or in its words. */
  #changed(now: number): void {
    const change = badness[this.#outcome()] - badness[this.#told ?? "pass"];
    const earliest = change > 0 ? now : (change < 0 ? this.#toldAt : now) + tellEveryMs;
    this.#tellAt = Math.min(this.#tellAt, earliest);
    if (now >= this.#tellAt) this.#tell(now);
    else this.#host.rearm();
  }

  #tell(now: number): void {
    this.#told = this.#outcome();
    this.#toldAt = now;
    this.#tellAt = Number.POSITIVE_INFINITY;
    const facts = { staleAt: Number.POSITIVE_INFINITY, durationMs: undefined, loopLagMs: 0, stuck: false };
    this.#host.answer(this.#answer(), facts);
  }

  #outcome(): OutcomeStatus {
    if (this.#failure !== undefined || this.#stuck > 0) return "fail";
    return this.#late.size > 0 ? "warn" : "pass";
  }

  #answer(): Answer {
    const { errorTypes } = this.#parts;
    const failure = this.#failure?.answer;
    if (this.#late.size === 0) return failure ?? readReturned(undefined, errorTypes);
    const late = lateMessage(this.#late, this.#stuck, this.running);
    if (failure !== undefined) {
      const message = redact(`${late}; ${failure.message}`);
      return { ...failure, message, errorType: this.#stuck > 0 ? "stuck" : failure.errorType };
    }
    return this.#stuck > 0 ? failed(late, undefined, "stuck", "transient", 0) : readReturned(warn(late), errorTypes);
  }
}
