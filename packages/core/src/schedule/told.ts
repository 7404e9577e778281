import type { ErrorTypes } from "../observation/error-type.ts";
import { readReturned } from "../observation/read-answer.ts";
import type { Driver, DriverHost } from "./driver.ts";

/** Hands on what someone tells: the outcomes of push checks and gates. */
export class Told implements Driver {
  readonly wakeAt: number = Number.POSITIVE_INFINITY;
  readonly dueAt: undefined = undefined;
  readonly runningForMs: undefined = undefined;
  readonly #maxAgeMs: number;
  readonly #errorTypes: ErrorTypes;
  readonly #host: DriverHost;
  #stopped = false;

  /** `maxAgeMs`: when what was told is too old to count; `Infinity` for never. */
  constructor(maxAgeMs: number, errorTypes: ErrorTypes, host: DriverHost) {
    this.#maxAgeMs = maxAgeMs;
    this.#errorTypes = errorTypes;
    this.#host = host;
  }

  tell(outcome: unknown): void {
    if (this.#stopped) return;
    const staleAt = this.#host.now() + this.#maxAgeMs;
    this.#host.answer(readReturned(outcome, this.#errorTypes), {
      staleAt,
      durationMs: undefined,
      loopLagMs: 0,
      stuck: false,
    });
  }

  start(): void {}

  wake(): void {}

  async stop(): Promise<void> {
    this.#stopped = true;
  }

  refresh(): undefined {
    return undefined;
  }
}
