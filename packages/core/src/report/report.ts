import type { LifecyclePhase } from "../lifecycle/lifecycle.ts";
import type { Fault } from "../observation/outcome.ts";
import type { CheckSnapshot } from "../snapshot/check-snapshot.ts";
import type { HealthSnapshot, ServiceInfo } from "../snapshot/health-snapshot.ts";
import type { HealthState } from "../state/check-state.ts";
import type { ProbeName } from "../verdict/probe.ts";
import type { VerdictStatus } from "../verdict/votes.ts";
import { culpritsOf } from "./culprits.ts";
import { iso, isoOrNull } from "./iso.ts";
import { summaryMessage } from "./summary-message.ts";

/** How much a report tells: the verdict; that and every check's state; everything, reasons included. */
export type Detail = "status" | "summary" | "full";

/** All tiers of detail. */
export const details: readonly Detail[] = ["status", "summary", "full"];

/** One check in a report. Fields beyond `checkedAt` stand at detail `full` only; those that do not apply are missing. */
export interface CheckReport {
  readonly status: HealthState;
  readonly ok: boolean;
  readonly checkedAt: string | null;
  readonly critical?: boolean;
  readonly since?: string;
  readonly nextCheckAt?: string | null;
  readonly durationMs?: number | null;
  readonly incidentId?: string;
  readonly fault?: Fault;
  readonly errorType?: string;
  readonly consecutiveFailures?: number;
  readonly message?: string;
  readonly hint?: string;
}

/** A probe's report, wire contract version 1. Fields that its detail leaves out are missing. */
export interface Report {
  readonly status: VerdictStatus;
  readonly probe?: ProbeName;
  readonly timestamp: string;
  readonly message?: string;
  readonly nextCheckAt?: string | null;
  readonly lifecycle?: LifecyclePhase;
  readonly service?: ServiceInfo;
  readonly checks?: { readonly [name: string]: CheckReport };
}

/** The report of one probe at one detail. Pure; key order is part of the contract. */
export function createReport(snapshot: HealthSnapshot, probe: ProbeName, detail: Detail): Report {
  const members = membersOf(snapshot, probe);
  const checks: Record<string, CheckReport> = Object.create(null);
  if (detail !== "status") for (const member of members) checks[member.name] = createCheckReport(member, detail);
  return { ...reportHead(snapshot, probe, detail, members), ...(detail === "status" ? {} : { checks }) };
}

/** Everything of a report that stands before its checks. */
export function reportHead(
  snapshot: HealthSnapshot,
  probe: ProbeName,
  detail: Detail,
  members: readonly CheckSnapshot[],
): Report {
  const { status } = snapshot.probes[probe];
  const timestamp = iso(snapshot.timestamp);
  if (detail === "status") return { status, timestamp };
  const { lifecycle, life, service } = snapshot;
  const summary = summaryMessage(snapshot, probe, members);
  if (detail === "summary") return { status, timestamp, message: summary, lifecycle };
  const isFatal = life.fatal !== undefined && probe !== "startup";
  const message = isFatal ? `${summary}: ${life.fatal}` : summary;
  const nextCheckAt = isoOrNull(nextDecidingRun(snapshot, probe, members));
  return { status, probe, timestamp, message, nextCheckAt, lifecycle, ...(service && { service }) };
}

/** One check at `summary` or `full`. */
export function createCheckReport(check: CheckSnapshot, detail: Detail): CheckReport {
  const { status, ok, incidentId, fault, errorType, message, hint } = check;
  const checkedAt = isoOrNull(check.checkedAt);
  if (detail !== "full") return { status, ok, checkedAt };
  return {
    status,
    ok,
    checkedAt,
    critical: check.critical,
    since: iso(check.since),
    nextCheckAt: isoOrNull(check.nextCheckAt),
    durationMs: check.durationMs,
    ...(incidentId !== null && { incidentId }),
    ...(fault !== null && { fault }),
    ...(errorType !== null && { errorType }),
    consecutiveFailures: check.consecutiveFailures,
    ...(message !== null && { message }),
    ...(hint !== null && { hint }),
  };
}

/** The entries that a probe's report lists. */
export function membersOf(snapshot: HealthSnapshot, probe: ProbeName): readonly CheckSnapshot[] {
  return snapshot.entries.filter(({ probes }) => probes.includes(probe));
}

/**
 * Wall time of the armed run that can change the verdict next; null where no run can. An unhealthy verdict waits for
 * the checks that make it so, any other for whichever check comes first.
 */
export function nextDecidingRun(
  snapshot: HealthSnapshot,
  probe: ProbeName,
  members: readonly CheckSnapshot[],
): number | null {
  const { life } = snapshot;
  const unhealthy = snapshot.probes[probe].status === "unhealthy";
  if (probe === "startup" ? life.started || life.phase !== "starting" : isDecided(snapshot, probe)) return null;
  // While the process starts, what startup waits for decides for the others too.
  const starting = life.phase === "starting" && probe !== "liveness";
  const asked = starting ? "startup" : probe;
  const deciding = starting ? membersOf(snapshot, "startup") : members;
  let next = Number.POSITIVE_INFINITY;
  for (const { nextCheckAt } of unhealthy ? culpritsOf(asked, "unhealthy", deciding) : deciding) {
    if (nextCheckAt !== null) next = Math.min(next, nextCheckAt);
  }
  return next === Number.POSITIVE_INFINITY ? null : next;
}

/** Whether the lifecycle alone makes the verdict, so that no check's run can change it. */
function isDecided({ life, entries }: HealthSnapshot, probe: ProbeName): boolean {
  if (life.fatal !== undefined) return true;
  if (probe === "liveness") return false;
  if (life.phase === "draining" || life.phase === "stopped" || life.phase === "failed") return true;
  return entries.some(({ kind, critical, ok }) => kind === "gate" && critical && !ok);
}
