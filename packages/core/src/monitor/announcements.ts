import type { SpanContext } from "@opentelemetry/api";
import type { Lifecycle } from "../lifecycle/lifecycle.ts";
import type { CheckState } from "../state/check-state.ts";
import type { CheckFacts } from "../telemetry/telemetry.ts";
import { type CheckTransition, checkSeverity, type ProbeTransition, probeSeverity } from "../telemetry/transition.ts";
import type { VerdictChange } from "../verdict/verdicts.ts";

/** The transition of a check that is to blame for what follows. */
export interface Cause {
  readonly incidentId: string | null;
  readonly span: SpanContext | undefined;
}

/** A check's change of state, as listeners are told of it. */
export function checkTransition(facts: CheckFacts, before: CheckState, wallAt: number, cause: Cause): CheckTransition {
  const { name, state, critical, consecutiveFailures, message, hint, errorType, fault, causedBy } = facts;
  return Object.freeze({
    type: "check",
    name,
    state,
    previousState: before.status,
    timestamp: new Date(wallAt),
    severity: checkSeverity(state, before.status, critical, before.decided, fault),
    ...ids(cause),
    critical,
    consecutiveFailures,
    message: message ?? null,
    hint: hint ?? null,
    errorType: errorType ?? null,
    fault: fault ?? null,
    causedBy: causedBy ?? null,
  });
}

/** A probe's change of verdict, as listeners are told of it; `checks` are the names that it is due to. */
export function probeTransition(
  { probe, status, previous }: VerdictChange,
  { phase, fatal }: Lifecycle,
  checks: readonly string[],
  wallAt: number,
  cause: Cause | undefined,
): ProbeTransition {
  return Object.freeze({
    type: "probe",
    probe,
    state: status,
    previousState: previous,
    timestamp: new Date(wallAt),
    severity: probeSeverity(status, previous, phase, fatal !== undefined),
    ...ids(cause),
    lifecycle: phase,
    checks: Object.freeze([...checks]),
  });
}

function ids(cause: Cause | undefined) {
  return {
    incidentId: cause?.incidentId ?? null,
    traceId: cause?.span?.traceId ?? null,
    spanId: cause?.span?.spanId ?? null,
  };
}
