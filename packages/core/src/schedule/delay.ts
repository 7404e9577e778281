import type { BackoffOptions } from "../check/check.ts";

/** Milliseconds to the next run after an answer that was not a failure: the interval, or up to `jitter` of it sooner. */
export function intervalDelay(intervalMs: number, jitter: number, random: number): number {
  return intervalMs * (1 - jitter * random);
}

/**
 * Milliseconds to the next run after the `failures`-th failure in a row: uniform in [d/2, d] with
 * d = min(interval, initial · factor^(failures - 1)), so that recovery is seen sooner than the interval would.
 */
export function backoffDelay(
  intervalMs: number,
  backoff: Required<BackoffOptions>,
  failures: number,
  random: number,
): number {
  const longest = Math.min(intervalMs, backoff.initialMs * backoff.factor ** (failures - 1));
  return (longest * (1 + random)) / 2;
}
