import type { RunContext } from "../check/check.ts";
import type { Clock } from "../clock.ts";

/** One run of a check function, and what the function is given. The signal is made only for those who ask for it. */
export class Run implements RunContext {
  readonly clock: Clock;
  /** Timeline milliseconds. */
  readonly startedAt: number;
  /** What the loop's stalls had added up to when it began, milliseconds. */
  readonly stalledBefore: number;
  /** The deadline was moved because the loop was late: once, and never again. */
  extended = false;
  /** It was moved by more than a timer's inaccuracy. */
  excused = false;
  #controller: AbortController | undefined;
  #reason: Error | undefined;

  constructor(clock: Clock, startedAt: number, stalledBefore: number) {
    this.clock = clock;
    this.startedAt = startedAt;
    this.stalledBefore = stalledBefore;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    return this.#controller.signal;
  }

  abort(message: string, name: "TimeoutError" | "AbortError"): void {
    this.#reason = new DOMException(message, name);
    this.#controller?.abort(this.#reason);
  }
}
