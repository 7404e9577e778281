import type { CheckSnapshot } from "../snapshot/check-snapshot.ts";
import type { AnyProbe } from "../verdict/probe.ts";
import type { VerdictStatus } from "../verdict/votes.ts";

/**
 * The checks that a verdict is due to; none for `healthy`. Where something critical fails a probe, what is optional
 * does not: its recovery would change nothing.
 */
export function culpritsOf(
  probe: AnyProbe,
  verdict: VerdictStatus,
  checks: readonly CheckSnapshot[],
): readonly CheckSnapshot[] {
  if (verdict === "healthy") return [];
  const troubled = checks.filter(({ votes }) => votes[probe] === "unhealthy" || votes[probe] === "degraded");
  if (verdict === "degraded") return troubled;
  const failed = troubled.filter(({ votes }) => votes[probe] === "unhealthy");
  const critical = failed.filter(({ critical }) => critical);
  return critical.length > 0 ? critical : failed;
}
