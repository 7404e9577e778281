/** A probe's answer: `healthy` and `degraded` pass, `unhealthy` fails. */
export type VerdictStatus = "healthy" | "degraded" | "unhealthy";

/** All verdicts, in the order in which metrics list them. */
export const verdictStatuses: readonly VerdictStatus[] = ["healthy", "degraded", "unhealthy"];

/** How many checks say what. */
export type VoteCounts = { readonly [S in VerdictStatus]: number };

/** One check's say in a probe: its state, with `unknown` already read as the probe reads it. */
export interface Vote {
  readonly name: string;
  readonly critical: boolean;
  readonly status: VerdictStatus;
}

/** What an aggregator sees of a probe's checks. */
export interface Votes {
  readonly critical: VoteCounts;
  readonly optional: VoteCounts;
  /** Every vote, for aggregators that look at names. It costs a pass over the checks. */
  all(): readonly Vote[];
}

/** Makes one verdict of a probe's votes. Pure; one that throws or answers anything else makes the probe unhealthy. */
export type Aggregator = (votes: Votes) => VerdictStatus;

/**
 * How a probe aggregates: `"critical"` (default: an unhealthy critical check fails it, an optional one degrades it),
 * `"any"` (one check that is not unhealthy passes), `{ quorum: n }` (n of them), or a function.
 */
export type Aggregate = "critical" | "any" | { readonly quorum: number } | Aggregator;

/** The aggregator that an option names. */
export function aggregatorOf(aggregate: Aggregate): Aggregator {
  // Given copies: what it does to them must not change what is counted.
  if (typeof aggregate === "function")
    return ({ critical, optional, all }) => aggregate({ critical: { ...critical }, optional: { ...optional }, all });
  if (aggregate === "critical") return critical;
  return quorum(aggregate === "any" ? 1 : aggregate.quorum);
}

const critical: Aggregator = ({ critical, optional }) => {
  if (critical.unhealthy > 0) return "unhealthy";
  return critical.degraded + optional.degraded + optional.unhealthy > 0 ? "degraded" : "healthy";
};

function quorum(needed: number): Aggregator {
  return ({ critical, optional }) => {
    const healthy = critical.healthy + optional.healthy;
    const passing = healthy + critical.degraded + optional.degraded;
    const all = passing + critical.unhealthy + optional.unhealthy;
    // Nothing to vote is nothing to say against.
    if (passing < Math.min(needed, all)) return "unhealthy";
    return healthy === all ? "healthy" : "degraded";
  };
}
