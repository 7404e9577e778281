import type { Fault } from "../observation/outcome.ts";
import type { HealthState } from "../state/check-state.ts";
import type { AnyProbe } from "../verdict/probe.ts";
import type { VerdictStatus } from "../verdict/votes.ts";

/** One check as a snapshot holds it: immutable; the same object for as long as nothing about the check changes. */
export interface CheckSnapshot {
  readonly name: string;
  readonly kind: "check" | "gate" | "startup task";
  /** The probes and groups that it counts for. */
  readonly probes: readonly AnyProbe[];
  readonly critical: boolean;
  readonly status: HealthState;
  /** Healthy or degraded. */
  readonly ok: boolean;
  /** Wall times are milliseconds since the epoch, null where there is none. */
  readonly checkedAt: number | null;
  readonly since: number;
  readonly nextCheckAt: number | null;
  readonly durationMs: number | null;
  readonly consecutiveFailures: number;
  /** It changes too often, so that getting better takes longer. */
  readonly flapping: boolean;
  /** It answers well and gets better then, wall time, if nothing fails; null where it is not held. */
  readonly heldUntil: number | null;
  readonly incidentId: string | null;
  /** The unhealthy check that it depends on and that is to blame for its trouble. */
  readonly causedBy: string | null;
  readonly fault: Fault | null;
  readonly errorType: string | null;
  readonly message: string | null;
  readonly hint: string | null;
  /** How each of its probes reads it; a probe for which it does not count yet is missing. */
  readonly votes: { readonly [probe: string]: VerdictStatus };
}
