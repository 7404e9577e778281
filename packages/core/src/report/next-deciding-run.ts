import type { CheckSnapshot } from "../snapshot/check-snapshot.ts";
import type { HealthSnapshot } from "../snapshot/health-snapshot.ts";
import { isGroup } from "../verdict/probe.ts";
import { culpritsOf } from "./culprits.ts";
import { type View, viewOf } from "./view.ts";

/**
 * Wall time of the armed run that can change the verdict next; null where no run can. An unhealthy verdict waits for
 * the checks that make it so, any other for whichever check comes first.
 */
export function nextDecidingRun(snapshot: HealthSnapshot, view: View): number | null {
  const { life } = snapshot;
  const { probe, members, verdict } = view;
  if (view.alone) return members[0] === undefined ? null : nextChange(members[0]);
  if (probe === "startup" ? life.started || life.phase !== "starting" : isDecided(snapshot, view)) return null;
  // While the process starts, what startup waits for decides for the others too.
  const waits = life.phase === "starting" && probe !== "liveness" && !isGroup(probe);
  const asked = waits ? "startup" : probe;
  const deciding = waits ? viewOf(snapshot, "startup").members : members;
  let next = Number.POSITIVE_INFINITY;
  for (const check of verdict.status === "unhealthy" ? culpritsOf(asked, "unhealthy", deciding) : deciding) {
    next = Math.min(next, nextChange(check) ?? Number.POSITIVE_INFINITY);
  }
  return next === Number.POSITIVE_INFINITY ? null : next;
}

/** A check that is held changes nothing for the better before its time, however often it is run. */
function nextChange({ nextCheckAt, heldUntil }: CheckSnapshot): number | null {
  return heldUntil ?? nextCheckAt;
}

/** Whether the lifecycle or a gate alone makes the verdict, so that no check's run can change it. */
function isDecided({ life }: HealthSnapshot, { probe, members }: View): boolean {
  if (life.fatal !== undefined) return true;
  if (probe === "liveness" || isGroup(probe)) return false;
  if (life.phase === "draining" || life.phase === "stopped" || life.phase === "failed") return true;
  return members.some(({ kind, critical, ok }) => kind === "gate" && critical && !ok);
}
