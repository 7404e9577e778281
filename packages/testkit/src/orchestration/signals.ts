import { EventEmitter } from "node:events";
import type { DrainSignal, SignalSource } from "@otel-health/core";

/** The signals of a process that is none: a test sends them, and it ends nothing to exit. */
export class Signals implements SignalSource {
  readonly #events = new EventEmitter<{ [S in DrainSignal]: [S] }>();
  #exitCode: number | undefined;

  /** Undefined as long as it runs. */
  get exitCode(): number | undefined {
    return this.#exitCode;
  }

  send(signal: DrainSignal): void {
    this.#events.emit(signal, signal);
  }

  prependListener(signal: DrainSignal, listener: (signal: DrainSignal) => void): void {
    this.#events.prependListener(signal, listener);
  }

  removeListener(signal: DrainSignal, listener: (signal: DrainSignal) => void): void {
    this.#events.removeListener(signal, listener);
  }

  exit(code: number): void {
    this.#exitCode ??= code;
  }
}
