import type { Lifecycle } from "../lifecycle/lifecycle.ts";
import type { HealthState } from "../state/check-state.ts";
import { type AnyProbe, isGroup } from "./probe.ts";
import type { VerdictStatus } from "./votes.ts";

/**
 * How a probe reads the state of one of its checks; undefined where the check does not count yet.
 * `decided`: the check has had a state other than unknown. `late`: it was registered after the process was ready.
 * `held`: its answers are good, and it is kept where it is because it flaps.
 */
export function readState(
  probe: AnyProbe,
  state: HealthState,
  critical: boolean,
  decided: boolean,
  late: boolean,
  held: boolean,
): VerdictStatus | undefined {
  // It answers well and is only not trusted yet: a restart would act on what is over.
  if (held && probe === "liveness") return "degraded";
  if (state !== "unknown") return state;
  if (late && !decided) return undefined;
  // A restart does not make a result newer: liveness never fails for not knowing.
  if (probe === "liveness") return decided ? "degraded" : "healthy";
  return critical ? "unhealthy" : "degraded";
}

/**
 * A probe's verdict. `checks` is what its aggregator says, `gates` what its gates say; both are lazy, since the
 * lifecycle often decides alone.
 */
export function judge(
  probe: AnyProbe,
  life: Lifecycle,
  gates: () => VerdictStatus,
  checks: () => VerdictStatus,
): VerdictStatus {
  if (probe === "startup") return life.started ? "healthy" : "unhealthy";
  if (life.fatal !== undefined) return "unhealthy";
  if (probe === "liveness" || isGroup(probe)) return checks();
  if (life.phase !== "ready" && life.phase !== "retiring") return "unhealthy";
  const floor = life.phase === "retiring" || life.warming ? "degraded" : "healthy";
  return worse(worse(floor, gates()), checks());
}

function worse(one: VerdictStatus, other: VerdictStatus): VerdictStatus {
  if (one === "unhealthy" || other === "unhealthy") return "unhealthy";
  return one === "degraded" || other === "degraded" ? "degraded" : "healthy";
}
