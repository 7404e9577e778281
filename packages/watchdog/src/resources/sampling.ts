import type { AttachCheck, Clock } from "@otel-health/core";

/**
 * What a check looks at while it is registered: begun by the first run, so that a check that never runs costs nothing,
 * and ended with the check.
 */
export class Sampling<T extends { stop(): void }> {
  readonly #begin: (clock: Clock) => T;
  #current: T | undefined;
  #attached = 0;

  constructor(begin: (clock: Clock) => T) {
    this.#begin = begin;
  }

  /** What is being sampled, begun now if it is not yet. */
  of(clock: Clock): T {
    this.#current ??= this.#begin(clock);
    return this.#current;
  }

  /** For the check: one that is registered twice is sampled until both have ended. */
  readonly attach: AttachCheck = () => {
    this.#attached += 1;
    return () => {
      this.#attached -= 1;
      if (this.#attached > 0) return;
      this.#current?.stop();
      this.#current = undefined;
    };
  };
}
