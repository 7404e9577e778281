import type { RunContext } from "../check/check.ts";
import type { Clock } from "../clock.ts";
import { guarded } from "../telemetry/guard.ts";

/** One run of a check function. */
export class Run {
  /**
   * What the function is given: an object of its own, so that what it does to it harms nothing else. The signal is made
   * only for those who ask for it.
   */
  readonly context: RunContext;
  /** Timeline milliseconds. */
  readonly startedAt: number;
  /** What the loop's stalls had added up to when it began, milliseconds. */
  readonly stalledBefore: number;
  /** What the timeline had left out when it began, milliseconds. */
  readonly gapsBefore: number;
  /** Timeline milliseconds; `Infinity` where there is no deadline. */
  deadlineAt: number = Number.POSITIVE_INFINITY;
  /** The deadline was moved because the loop was late: once, and never again. */
  extended = false;
  /** It was moved by more than a timer's inaccuracy. */
  excused = false;
  #controller: AbortController | undefined;
  #reason: Error | undefined;

  constructor(clock: Clock, startedAt: number, stalledBefore: number, gapsBefore: number) {
    const signal = () => this.#signal();
    this.context = {
      get signal() {
        return signal();
      },
      clock,
    };
    this.startedAt = startedAt;
    this.stalledBefore = stalledBefore;
    this.gapsBefore = gapsBefore;
  }

  abort(message: string, name: "TimeoutError" | "AbortError"): void {
    this.#reason = new DOMException(message, name);
    // A signal that was frozen cannot be aborted.
    guarded("aborting a run", () => this.#controller?.abort(this.#reason));
  }

  #signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    return this.#controller.signal;
  }
}
