import type { LifecyclePhase } from "../lifecycle/lifecycle.ts";
import type { Fault } from "../observation/outcome.ts";
import type { HealthState } from "../state/check-state.ts";
import type { AnyProbe } from "../verdict/probe.ts";
import type { VerdictStatus } from "../verdict/votes.ts";

/** How loud a transition is: what a log line or an event is written as. */
export type Severity = "debug" | "info" | "warn" | "error";

/** What every transition carries. */
export interface TransitionBase {
  readonly timestamp: Date;
  readonly severity: Severity;
  /** Shared by everything that the incident caused; null outside of one. */
  readonly incidentId: string | null;
  /** The transition span, only where it is sampled, so that an id always leads somewhere. */
  readonly traceId: string | null;
  readonly spanId: string | null;
}

/** A check changed its state. */
export interface CheckTransition extends TransitionBase {
  readonly type: "check";
  readonly name: string;
  readonly state: HealthState;
  readonly previousState: HealthState;
  readonly critical: boolean;
  readonly consecutiveFailures: number;
  readonly message: string | null;
  readonly hint: string | null;
  readonly errorType: string | null;
  readonly fault: Fault | null;
  /** The unhealthy check that it depends on and that is to blame, where that is known. */
  readonly causedBy: string | null;
}

/** A probe changed its verdict. */
export interface ProbeTransition extends TransitionBase {
  readonly type: "probe";
  readonly probe: AnyProbe;
  readonly state: VerdictStatus;
  readonly previousState: VerdictStatus;
  readonly lifecycle: LifecyclePhase;
  /** The checks that the verdict is due to, at most ten; empty where the lifecycle made it. */
  readonly checks: readonly string[];
}

/** Anything that listeners of `transition` are told. */
export type Transition = CheckTransition | ProbeTransition;

/** Severity of a check's transition, by meaning. */
export function checkSeverity(
  state: HealthState,
  previous: HealthState,
  critical: boolean,
  decided: boolean,
  fault: Fault | undefined,
): Severity {
  if (state === "healthy") return previous === "unknown" && !decided ? "debug" : "info";
  // What waiting cannot mend is an error even where the process can do without.
  if (state === "unhealthy") return critical || fault === "fatal" ? "error" : "warn";
  return state === "degraded" && previous === "unhealthy" ? "info" : "warn";
}

/** Severity of a probe's transition: an orderly end is no error. */
export function probeSeverity(
  state: VerdictStatus,
  previous: VerdictStatus,
  phase: LifecyclePhase,
  fatal: boolean,
): Severity {
  if (fatal && state === "unhealthy") return "error";
  if (phase === "draining" || phase === "stopped" || phase === "retiring") return "info";
  if (state === "unhealthy") return "error";
  return state === "degraded" && previous === "healthy" ? "warn" : "info";
}
