/** What is known of a dependency's calls when its check runs. Durations are milliseconds. */
export interface Evidence {
  readonly calls: number;
  readonly minSamples: number;
  /** Whether more of them failed than may. */
  readonly isOver: boolean;
  /** Whether the newest run failed. */
  readonly failing: boolean;
  readonly windowMs: number;
  /** Since a call ended. */
  readonly idleMs: number;
  /** Since a call failed. */
  readonly goodMs: number;
  /** For which a call has been waited for at least, and none has ended; undefined where none is. */
  readonly waitingMs: number | undefined;
  /** A call that ended longer ago is no news. */
  readonly freshMs: number;
  /** A call that takes this long may never end. */
  readonly stuckMs: number;
}

/** Who says how the dependency is, and, for the active check, why the calls can't. */
export type Basis = "calls pass" | "calls fail" | "none" | "few" | "idle" | "waiting" | "over";

/**
 * Whether the calls can tell how the dependency is, and what they say; otherwise why the active check must be asked.
 * Pure. Old calls prove nothing: neither that all is well, nor, when it was not, that it still is not.
 */
export function judge(evidence: Evidence): Basis {
  const { calls, minSamples, isOver, failing, windowMs, idleMs, goodMs, waitingMs, freshMs, stuckMs } = evidence;
  if (calls < minSamples) return calls === 0 ? "none" : "few";
  if (idleMs > freshMs) return "idle";
  if (waitingMs !== undefined && waitingMs >= stuckMs) return "waiting";
  if (!isOver) return "calls pass";
  // An outage takes the traffic away, and its errors must not hold it down.
  return failing && goodMs >= windowMs / 4 ? "over" : "calls fail";
}
