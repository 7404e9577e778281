import { AsyncLocalStorage } from "node:async_hooks";
import { type Context, context } from "@opentelemetry/api";
import { isHealthContext } from "@otel-health/core";

/**
 * Tells the calls of checks from the service's own. Core marks the context of every check's run, which takes a context
 * manager: an SDK brings one. The active checks of passive ones are told apart without.
 */
export class OwnCalls {
  readonly #active = new AsyncLocalStorage<true>();
  /** Active checks under way: while there are none, nobody's storage is looked at. */
  #running = 0;

  /** Calls `fn`, whose calls are health's own. */
  async run<R>(fn: () => R | Promise<R>): Promise<R> {
    this.#running++;
    try {
      return await this.#active.run(true, fn);
    } finally {
      this.#running--;
    }
  }

  /** Whether what happens now, or in `parent`, is done for health. */
  isOwn(parent: Context = context.active()): boolean {
    return (this.#running > 0 && this.#active.getStore() === true) || isHealthContext(parent);
  }
}
