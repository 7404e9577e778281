import type { LifecyclePhase } from "../lifecycle/lifecycle.ts";
import type { Fault } from "../observation/outcome.ts";
import type { CheckSnapshot } from "../snapshot/check-snapshot.ts";
import type { HealthSnapshot, ServiceInfo } from "../snapshot/health-snapshot.ts";
import type { HealthState } from "../state/check-state.ts";
import type { AnyProbe } from "../verdict/probe.ts";
import type { VerdictStatus } from "../verdict/votes.ts";
import { iso, isoOrNull } from "./iso.ts";
import { nextDecidingRun } from "./next-deciding-run.ts";
import { summaryMessage } from "./summary-message.ts";
import type { View } from "./view.ts";

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
  readonly causedBy?: string;
  readonly fault?: Fault;
  readonly errorType?: string;
  readonly consecutiveFailures?: number;
  readonly flapping?: true;
  readonly message?: string;
  readonly hint?: string;
}

/** A probe's report, wire contract version 1. Fields that its detail leaves out are missing. */
export interface Report {
  readonly status: VerdictStatus;
  readonly probe?: AnyProbe;
  readonly timestamp: string;
  readonly message?: string;
  readonly nextCheckAt?: string | null;
  readonly lifecycle?: LifecyclePhase;
  /** When the event loop turned last: only in what another thread answers for a loop that is blocked. */
  readonly blockedSince?: string;
  readonly service?: ServiceInfo;
  /** Checks that were left out as the request asked; missing where none were. */
  readonly excluded?: readonly string[];
  /** Names to leave out that name no check of the probe; missing where there are none. */
  readonly ignored?: readonly string[];
  readonly checks?: { readonly [name: string]: CheckReport };
}

/** The report of one view at one detail. Pure; key order is part of the contract. */
export function createReport(snapshot: HealthSnapshot, view: View, detail: Detail): Report {
  const head = reportHead(snapshot, view, detail);
  if (detail === "status") return head;
  const checks: Record<string, CheckReport> = Object.create(null);
  for (const member of view.members) checks[member.name] = createCheckReport(member, detail);
  return { ...head, checks };
}

/** Everything of a report that stands before its checks. */
export function reportHead(snapshot: HealthSnapshot, view: View, detail: Detail): Report {
  const { probe, excluded, ignored } = view;
  const { status } = view.verdict;
  const timestamp = iso(snapshot.timestamp);
  if (detail === "status") return { status, timestamp };
  const { lifecycle, life, service } = snapshot;
  const asked = { ...(excluded.length > 0 && { excluded }), ...(ignored.length > 0 && { ignored }) };
  const summary = summaryMessage(snapshot, view);
  if (detail === "summary") return { status, timestamp, message: summary, lifecycle, ...asked };
  const isFatal = life.fatal !== undefined && probe !== "startup" && !view.alone;
  const message = isFatal ? `${summary}: ${life.fatal}` : summary;
  const nextCheckAt = isoOrNull(nextDecidingRun(snapshot, view));
  return { status, probe, timestamp, message, nextCheckAt, lifecycle, ...(service && { service }), ...asked };
}

/** One check at `summary` or `full`. */
export function createCheckReport(check: CheckSnapshot, detail: Detail): CheckReport {
  const { status, ok, incidentId, causedBy, fault, errorType, message, hint } = check;
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
    ...(causedBy !== null && { causedBy }),
    ...(fault !== null && { fault }),
    ...(errorType !== null && { errorType }),
    consecutiveFailures: check.consecutiveFailures,
    ...(check.flapping && { flapping: true }),
    ...(message !== null && { message }),
    ...(hint !== null && { hint }),
  };
}
