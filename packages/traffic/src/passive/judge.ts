/** What is known of a dependency's calls when its check runs. Durations are milliseconds. */
export interface Evidence {
  readonly calls: number;
  /** Whether most were given up without an answer. */
  readonly isUnanswered: boolean;
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
  /** Calls that have begun since one ended. */
  readonly waiting: number;
  /** Whether one of them takes so long that it may never end. */
  readonly isStuck: boolean;
  /** A call that ended longer ago is no news. */
  readonly freshMs: number;
}

/** Who says how the dependency is, and, for the active check, why the calls can't. */
export type Basis = "calls pass" | "calls fail" | "none" | "few" | "idle" | "stuck" | "unanswered" | "over";

/**
 * Whether the calls can tell how the dependency is, and what they say; otherwise why the active check must be asked.
 * Pure. Old calls prove nothing: neither that all is well, nor, when it was not, that it still is not.
 */
export function judge(evidence: Evidence): Basis {
  const { calls, minSamples, isUnanswered, isOver, failing, windowMs, idleMs, goodMs, freshMs } = evidence;
  // Where nothing answers, few calls end or none: that is no lack of traffic.
  if (evidence.isStuck && calls + evidence.waiting >= minSamples) return "stuck";
  if (isUnanswered && (calls < minSamples || !isOver)) return "unanswered";
  if (calls < minSamples) return calls === 0 ? "none" : "few";
  if (idleMs > freshMs) return "idle";
  if (!isOver) return "calls pass";
  // An outage takes the traffic away, and its errors must not hold it down.
  return failing && goodMs >= windowMs / 4 ? "over" : "calls fail";
}
