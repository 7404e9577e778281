import type { RunContext } from "../check/check.ts";

/** A run inside of another one: on the same clock, aborted with it or before it. */
export class InnerRun {
  readonly context: RunContext;
  readonly #outer: RunContext;
  #controller: AbortController | undefined;
  #reason: unknown;
  #aborted = false;
  readonly #onAbort = () => this.abort(this.#outer.signal.reason);

  constructor(outer: RunContext, timeoutMs: number) {
    this.#outer = outer;
    const signal = () => this.#signal();
    // Made only for those who ask for it, as the outer one is.
    this.context = {
      get signal() {
        return signal();
      },
      clock: outer.clock,
      timeoutMs,
    };
  }

  abort(reason: unknown): void {
    this.#aborted = true;
    this.#reason ??= reason;
    this.settled();
    this.#controller?.abort(this.#reason);
  }

  /** It listens to the outer run no more. */
  settled(): void {
    if (this.#controller !== undefined) this.#outer.signal.removeEventListener("abort", this.#onAbort);
  }

  #signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      const { signal } = this.#outer;
      if (this.#aborted) this.#controller.abort(this.#reason);
      else if (signal.aborted) this.#controller.abort(signal.reason);
      else signal.addEventListener("abort", this.#onAbort, { once: true });
    }
    return this.#controller.signal;
  }
}
