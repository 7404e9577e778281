import type { CheckSnapshot } from "../snapshot/check-snapshot.ts";
import type { HealthSnapshot } from "../snapshot/health-snapshot.ts";
import { isGroup } from "../verdict/probe.ts";
import { culpritsOf } from "./culprits.ts";
import { iso, isoSeconds } from "./iso.ts";
import type { View } from "./view.ts";

/** More names than these would make a sentence nobody reads. */
const mostNamed = 3;

/** One sentence that says why a probe answers what it answers. It names checks and times, never reasons. */
export function summaryMessage(snapshot: HealthSnapshot, view: View): string {
  const { life } = snapshot;
  const { probe, verdict, members } = view;
  if (view.alone) return sentence(members);
  if (life.fatal !== undefined && verdict.status === "unhealthy" && probe !== "startup")
    return `fatal since ${isoSeconds(verdict.since)}`;
  if (probe === "startup") return life.started ? `started at ${isoSeconds(verdict.since)}` : starting(snapshot);
  const lives = probe !== "liveness" && !isGroup(probe);
  if (lives) {
    if (life.phase === "starting" || life.phase === "failed") return starting(snapshot);
    if (life.phase === "draining" || life.phase === "stopped") return life.phase;
  }
  if (verdict.status !== "healthy") {
    if (verdict.status === "degraded" && life.phase === "retiring" && lives) return "retiring";
    const culprits = culpritsOf(probe, verdict.status, members);
    if (culprits.length > 0) return sentence(culprits);
    return verdict.status === "degraded" && life.warming && lives ? "warming up" : verdict.status;
  }
  if (members.length === 0) return "healthy, without checks";
  const healthy = members.filter(({ ok }) => ok).length;
  if (healthy < members.length) return `${healthy} of ${members.length} checks are healthy`;
  return healthy === 1 ? "1 check is healthy" : `all ${healthy} checks are healthy`;
}

/** What startup waits for, and when it goes on. */
function starting(snapshot: HealthSnapshot): string {
  if (snapshot.life.phase === "failed") return "startup failed";
  if (snapshot.life.phase !== "starting") return "startup was cut short";
  const open = snapshot.entries.filter(({ probes, critical, ok }) => critical && !ok && probes.includes("startup"));
  if (open.length === 0) return "starting";
  const named = open.slice(0, mostNamed).map(({ name, consecutiveFailures, nextCheckAt }) => {
    if (consecutiveFailures === 0) return name;
    const next = nextCheckAt === null ? "" : `, next at ${iso(nextCheckAt)}`;
    return `${name} (attempt ${consecutiveFailures} failed${next})`;
  });
  return `starting: waiting for ${listed(named, open.length)}`;
}

function sentence(culprits: readonly CheckSnapshot[]): string {
  // Who is to blame comes first.
  const ordered = [...culprits].sort((one, other) => Number(one.causedBy !== null) - Number(other.causedBy !== null));
  const named = ordered.slice(0, mostNamed).map(({ name, kind, status, since, flapping, causedBy }) => {
    const state = kind === "gate" && status === "unhealthy" ? "closed" : status;
    const cause = causedBy === null ? "" : `, because of ${causedBy}`;
    return `${name} is ${state} since ${isoSeconds(since)}${flapping ? " (flapping)" : ""}${cause}`;
  });
  return listed(named, culprits.length);
}

function listed(named: readonly string[], count: number): string {
  const rest = count - named.length;
  return rest > 0 ? `${named.join(", ")} and ${rest} more` : named.join(", ");
}
