import { setTimeout as delay } from "node:timers/promises";
import { inspect } from "node:util";

/** Options of {@link until}. */
export interface UntilOptions {
  /** What is waited for, for the error; a function is called when time is up. */
  readonly describe: string | (() => string);
  /** Default 5000. */
  readonly timeoutMs?: number;
  /** The pause between two calls, in milliseconds. Default 20. */
  readonly everyMs?: number;
}

/**
 * Calls `probe` until it returns something other than undefined and false, and resolves to that. A probe that throws is
 * asked again. When time is up, also for a probe that never settles, it rejects and says what was last seen.
 */
export async function until<T>(
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  { describe, timeoutMs = 5000, everyMs = 20 }: UntilOptions,
): Promise<T> {
  let timeIsUp = false;
  const deadline = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => {
    timeIsUp = true;
    deadline.resolve(undefined);
  }, timeoutMs);
  let lastSeen = "nothing, the probe did not settle";
  let cause: unknown;
  try {
    while (!timeIsUp) {
      const seen = await Promise.race([attempt(probe), deadline.promise]);
      if (seen === undefined) break;
      if (!seen.failed && seen.value !== undefined && seen.value !== false) return seen.value;
      cause = seen.failed ? seen.error : undefined;
      lastSeen = seen.failed ? String(seen.error) : inspect(seen.value);
      await Promise.race([delay(everyMs), deadline.promise]);
    }
  } finally {
    clearTimeout(timer);
  }
  const awaited = typeof describe === "function" ? describe() : describe;
  throw new Error(`not within ${timeoutMs} ms: ${awaited}; last seen: ${lastSeen}`, { cause });
}

type Attempt<T> = { readonly failed: false; readonly value: T } | { readonly failed: true; readonly error: unknown };

async function attempt<T>(probe: () => T | Promise<T>): Promise<Attempt<T>> {
  try {
    return { failed: false, value: await probe() };
  } catch (error) {
    return { failed: true, error };
  }
}
