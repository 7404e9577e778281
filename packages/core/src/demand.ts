import { HealthError } from "./health-error.ts";
import { longestMs, show } from "./option-reader.ts";

/**
 * For adapters: throws `invalid_option` unless `good`, and says what must be what and what it was:
 * `demand(port >= 0, "port of listen()", "a number from 0 up", port)`.
 */
export function demand(good: boolean, what: string, expected: string, given: unknown): void {
  if (good) return;
  throw new HealthError("invalid_option", `${what} must be ${expected}, got ${show(given)}`);
}

/** For adapters: the same for milliseconds that a timer can wait, from `min` (default 0) up. */
export function demandMs(what: string, given: unknown, min: number = 0): void {
  const isTime = typeof given === "number" && given >= min && given <= longestMs;
  demand(isTime, what, `milliseconds from ${min} to ${longestMs}`, given);
}
