import { errorMonitor } from "node:events";
import type { RedisEmitter } from "./clients.ts";

/** How the clusters of both drivers tell of one node. */
const nodeErrors = ["node error", "node-error"] as const;

/**
 * Why a client has no connection: both drivers tell that in events only, and a command just waits. It listens during a
 * run, in the place beside the application's listeners that does not count as handling an error.
 */
export class LastError {
  #error: unknown;
  readonly #emitter: RedisEmitter;
  readonly #hear = (error: unknown): void => {
    this.#error = error;
  };

  constructor(emitter: RedisEmitter) {
    this.#emitter = emitter;
  }

  /** Of the last run that passed, or later; undefined for none. */
  get error(): unknown {
    return this.#error;
  }

  forget(): void {
    this.#error = undefined;
  }

  /** Until what it returns is called. */
  listen(): () => void {
    const emitter = this.#emitter;
    // Without a listener an error ends the process or is printed. Nor would anything be gained: what `redis` hands out
    // inherits from its emitter, whose listeners are lost where the last one is removed.
    const events = emitter.listenerCount("error") === 0 ? [] : [errorMonitor, ...nodeErrors];
    for (const event of events) emitter.on(event, this.#hear);
    return () => {
      for (const event of events) emitter.removeListener(event, this.#hear);
    };
  }
}
