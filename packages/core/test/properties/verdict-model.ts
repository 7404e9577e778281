import type { Aggregate, HealthSnapshot, HealthState, ProbeName, VerdictStatus, Vote } from "@otel-health/core";

/** What the test knows about a check that it registered. */
export interface Member {
  readonly name: string;
  readonly gate: boolean;
  readonly critical: boolean;
  readonly probes: readonly ProbeName[];
  /** Registered after the process was ready. */
  readonly late: boolean;
  /** It has had a state other than unknown. */
  decided: boolean;
}

/** A probe's verdict worked out from the states in a snapshot, one check after the other. */
export function expectedVerdict(
  probe: ProbeName,
  snapshot: HealthSnapshot,
  members: readonly Member[],
  aggregate: Aggregate,
): VerdictStatus {
  const { phase, started, warming, fatal } = snapshot.life;
  if (probe === "startup") return started ? "healthy" : "unhealthy";
  if (fatal !== undefined) return "unhealthy";
  const votes: Vote[] = [];
  let closed: VerdictStatus = "healthy";
  for (const { name, gate, critical, probes, late, decided } of members) {
    if (!probes.includes(probe)) continue;
    const status = snapshot.checks[name]!.status;
    if (status === "unknown" && late && !decided) continue;
    const read = status === "unknown" ? readUnknown(probe, critical, decided) : status;
    if (!gate) votes.push({ name, critical, status: read });
    else if (read === "unhealthy") closed = critical ? "unhealthy" : worst([closed, "degraded"]);
  }
  const checks = aggregateVotes(aggregate, votes);
  if (probe === "liveness") return checks;
  if (phase !== "ready" && phase !== "retiring") return "unhealthy";
  return worst([phase === "retiring" || warming ? "degraded" : "healthy", closed, checks]);
}

function readUnknown(probe: ProbeName, critical: boolean, decided: boolean): Exclude<HealthState, "unknown"> {
  if (probe === "liveness") return decided ? "degraded" : "healthy";
  return critical ? "unhealthy" : "degraded";
}

function aggregateVotes(aggregate: Aggregate, votes: readonly Vote[]): VerdictStatus {
  if (typeof aggregate === "function") return aggregate(countVotes(votes));
  if (aggregate === "critical") {
    return worst(votes.map(({ critical, status }) => (critical || status === "healthy" ? status : "degraded")));
  }
  const needed = aggregate === "any" ? 1 : aggregate.quorum;
  const passing = votes.filter(({ status }) => status !== "unhealthy").length;
  if (passing < Math.min(needed, votes.length)) return "unhealthy";
  return votes.every(({ status }) => status === "healthy") ? "healthy" : "degraded";
}

/** Votes as an aggregator sees them, counted anew. */
function countVotes(votes: readonly Vote[]) {
  const count = (critical: boolean, status: VerdictStatus) =>
    votes.filter((vote) => vote.critical === critical && vote.status === status).length;
  const counts = (critical: boolean) => ({
    healthy: count(critical, "healthy"),
    degraded: count(critical, "degraded"),
    unhealthy: count(critical, "unhealthy"),
  });
  return { critical: counts(true), optional: counts(false), all: () => votes };
}

function worst(statuses: readonly VerdictStatus[]): VerdictStatus {
  return statuses.includes("unhealthy") ? "unhealthy" : statuses.includes("degraded") ? "degraded" : "healthy";
}
