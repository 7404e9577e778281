import type { Tally } from "./window/tally.ts";

/** A duration as a person would write it: `500 ms`, `2.5 s`, `60 s`. */
export function duration(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${Number((ms / 1_000).toFixed(1))} s`;
}

/** `1 call`, `3 calls`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}

/** `12 of 40 calls failed in 10 s (ECONNREFUSED)`. */
export function failures({ window: { calls, errors }, rules, lastErrorType }: Tally, what: string): string {
  const type = errors > 0 && lastErrorType !== undefined ? ` (${lastErrorType})` : "";
  return `${errors} of ${counted(calls, what)} failed in ${duration(rules.windowMs)}${type}`;
}
