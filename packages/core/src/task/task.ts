import type { CheckOptions } from "../check/check.ts";
import type { Clock } from "../clock.ts";

/**
 * How a task is supervised. All tasks of one name share one check, so what is said here of the check must be the same in
 * each call; the times are each task's own.
 */
export interface TaskOptions extends CheckOptions {
  /** Milliseconds after which a task that still runs is degraded; `Infinity` for a loop that is never to end. */
  readonly deadlineMs: number;
  /** Milliseconds after which it has failed, counted from its start as well; default twice `deadlineMs`. */
  readonly unhealthyAfterMs?: number;
}

/** What the work of a task is given. */
export interface TaskContext {
  /** Fires when the health object is stopped, or the task's check unregistered; not at the deadline, nor by a drain. */
  readonly signal: AbortSignal;
  /** The health object's clock and random source, for work that waits or draws lots itself. */
  readonly clock: Clock;
}

/** The work of a task: called at once, in the trace and the async context of whoever starts it. */
export type TaskWork<R> = (context: TaskContext) => R | PromiseLike<R>;
