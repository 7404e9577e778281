import { setTimeout as sleep } from "node:timers/promises";
import { inspect } from "node:util";

/** Throws, saying what was seen instead, unless the two are the same. */
export function expectSame<T>(what: string, seen: T, expected: T): void {
  if (seen !== expected) throw new Error(`${what} should be ${inspect(expected)}, and was ${inspect(seen)}`);
}

/** Throws, saying what was seen instead, unless the condition holds. */
export function expectThat(what: string, holds: boolean, seen: unknown): asserts holds {
  if (!holds) throw new Error(`${what}: no, there was ${brief(seen)}`);
}

/** Looks until it sees what is told; when that does not come, throws and says what was there last. */
export async function eventually<T>(
  what: string,
  look: () => T | Promise<T>,
  isTold: (seen: NoInfer<T>) => boolean,
  { timeoutMs = 15_000, everyMs = 50 } = {},
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    let last: unknown;
    try {
      const seen = await look();
      if (isTold(seen)) return seen;
      last = seen;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline)
      throw new Error(`${what}: not within ${timeoutMs / 1_000} s, there was ${brief(last)}`);
    await sleep(everyMs);
  }
}

function brief(seen: unknown): string {
  if (seen === undefined) return "nothing";
  return seen instanceof Error ? String(seen) : JSON.stringify(seen);
}
