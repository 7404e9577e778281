import type { RunContext, Timer } from "@otel-health/core";

/** A part of a run's time with a signal of its own, which fires with the run's as well. */
export class TimeBox {
  readonly signal: AbortSignal;
  /** Its own time has passed. */
  isOver = false;
  readonly #context: RunContext;
  readonly #controller = new AbortController();
  #timer: Timer | undefined;

  constructor(context: RunContext) {
    this.#context = context;
    this.signal = this.#controller.signal;
    const { signal } = context;
    if (signal.aborted) this.#abort();
    else signal.addEventListener("abort", this.#abort, { once: true });
  }

  /** From now on it has so many milliseconds; without it, as long as the run may take. */
  limit(ms: number): void {
    const over = () => {
      this.isOver = true;
      this.#controller.abort(new DOMException(`no answer within ${Math.round(ms)} ms`, "TimeoutError"));
    };
    this.#timer = this.#context.clock.setTimer(over, ms, false);
  }

  /** To be called when the part is over. */
  end(): void {
    this.#context.signal.removeEventListener("abort", this.#abort);
    if (this.#timer !== undefined) this.#context.clock.clearTimer(this.#timer);
  }

  readonly #abort = (): void => this.#controller.abort(this.#context.signal.reason);
}
