import type { Clock } from "../clock.ts";
import type { HeapEntry } from "../schedule/heap.ts";
import { guarded } from "../telemetry/guard.ts";
import type { TaskLimits } from "./resolve-task.ts";
import type { TaskContext } from "./task.ts";

/** What was so when a task began. Times are milliseconds. */
export interface TaskStart {
  /** Its number among the tasks of its name. */
  readonly nth: number;
  /** On the timeline. */
  readonly at: number;
  readonly wallAt: number;
  /** What the loop's stalls had added up to. */
  readonly stalled: number;
}

/**
 * What one task is given. `signal` is its own property, so that it is there in a copy as well, by one getter for all of
 * them: a literal's costs ten times the rest of the task.
 */
class OwnContext implements TaskContext {
  declare readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly #task: RunningTask;

  constructor(task: RunningTask, clock: Clock) {
    this.#task = task;
    this.clock = clock;
    Object.defineProperty(this, "signal", OwnContext.#signal);
  }

  static readonly #signal: PropertyDescriptor & ThisType<OwnContext> = {
    enumerable: true,
    get() {
      return this.#task.signal;
    },
  };
}

/** A task that has not ended. */
export class RunningTask implements HeapEntry {
  position = -1;
  wakeAt: number = Number.POSITIVE_INFINITY;
  readonly limits: TaskLimits;
  readonly start: TaskStart;
  readonly context: TaskContext;
  /** What stalls of the loop took of its time, given back once; undefined until it was asked for. */
  excusedMs: number | undefined;
  isStuck = false;
  #controller: AbortController | undefined;
  #reason: Error | undefined;

  constructor(limits: TaskLimits, start: TaskStart, clock: Clock) {
    this.limits = limits;
    this.start = start;
    this.context = new OwnContext(this, clock);
  }

  /** Made only for those who ask for it. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    return this.#controller.signal;
  }

  abort(): void {
    this.#reason = new DOMException("the task is no longer supervised", "AbortError");
    // A signal that was frozen cannot be aborted.
    guarded("aborting a task", () => this.#controller?.abort(this.#reason));
  }
}
