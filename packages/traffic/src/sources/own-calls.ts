import { AsyncLocalStorage } from "node:async_hooks";
import { type Context, context } from "@opentelemetry/api";
import { isHealthContext } from "@otel-health/core";

/**
 * Tells the calls of checks from the service's own. Core marks the context of every check's run, which takes a context
 * manager: an SDK brings one. The active checks of passive ones are told apart without.
 */
export class OwnCalls {
  readonly #active = new AsyncLocalStorage<true>();

  /** Calls `fn`, whose calls are health's own. */
  run<R>(fn: () => R): R {
    return this.#active.run(true, fn);
  }

  /** Whether what happens now, or in `parent`, is done for health. */
  isOwn(parent: Context = context.active()): boolean {
    return isHealthContext(parent) || this.#active.getStore() === true;
  }
}
