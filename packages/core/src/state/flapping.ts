import { badness, type CheckState, type HealthState, noChanges } from "./check-state.ts";

/** When changes of state come too often, and what calms them. */
export interface FlappingRules {
  /** So many changes … */
  readonly changes: number;
  /** … within so many milliseconds. Trouble that is of one kind for as long is steady, and ends it. */
  readonly withinMs: number;
  /** Milliseconds of good answers, without interruption, before the check gets better. */
  readonly holdMs: number;
}

/** Six changes in ten minutes; getting better then takes five clean minutes. */
export const flappingRules: FlappingRules = { changes: 6, withinMs: 600_000, holdMs: 300_000 };

/** The state that a check which wants to be in `target` may enter: a worse one at once, a better one when it has held. */
export function hold(
  rules: FlappingRules | undefined,
  state: CheckState,
  target: HealthState,
  successThreshold: number,
  at: number,
): HealthState {
  if (rules === undefined || !state.flapping || badness[target] >= badness[state.status]) return target;
  if (target === "healthy" && at >= state.passingSince + rules.holdMs) return "healthy";
  const works = state.notFails >= successThreshold && at >= state.notFailingSince + rules.holdMs;
  return works && badness.degraded < badness[state.status] ? "degraded" : state.status;
}

/** The state after a change at `at` was added to those that are remembered. */
export function remember(rules: FlappingRules | undefined, state: CheckState, at: number): CheckState {
  if (rules === undefined) return state;
  const changes = [...state.changes.slice(1 - rules.changes), at];
  const oldest = changes.length < rules.changes ? Number.NEGATIVE_INFINITY : (changes[0] as number);
  return { ...state, changes, flapping: state.flapping || at - oldest <= rules.withinMs };
}

/** The state, calm again if it is time; in a silence nothing is known, not even that. */
export function calm(rules: FlappingRules | undefined, state: CheckState, at: number): CheckState {
  return rules !== undefined && state.flapping && !state.stale && at >= calmAt(rules, state)
    ? { ...state, changes: noChanges, flapping: false }
    : state;
}

/** The next moment at which time alone lets a flapping check get better, or ends its flapping. */
export function nextCalming(rules: FlappingRules | undefined, state: CheckState, successThreshold: number): number {
  if (rules === undefined || !state.flapping) return Number.POSITIVE_INFINITY;
  const better = Math.min(
    state.passes >= successThreshold ? state.passingSince + rules.holdMs : Number.POSITIVE_INFINITY,
    state.notFails >= successThreshold && badness.degraded < badness[state.status]
      ? state.notFailingSince + rules.holdMs
      : Number.POSITIVE_INFINITY,
  );
  return Math.min(state.status === "healthy" ? Number.POSITIVE_INFINITY : better, calmAt(rules, state));
}

/** Whether the check answers well and is only held where it is. */
export function isHeld({ flapping, status, notFails }: CheckState): boolean {
  return flapping && notFails > 0 && (status === "unhealthy" || status === "unknown");
}

/** When a held check gets better if nothing fails, monotonic; undefined for one that is not held. */
export function heldUntil(rules: FlappingRules | undefined, state: CheckState): number | undefined {
  if (rules === undefined || !isHeld(state)) return undefined;
  return (state.passes > 0 ? state.passingSince : state.notFailingSince) + rules.holdMs;
}

function calmAt(rules: FlappingRules, state: CheckState): number {
  const { status, passes, passingSince, failing, notPassing, notFailingSince } = state;
  if (failing.count > 0) return failing.since + rules.withinMs;
  // Warnings alone.
  if (notPassing.count > 0) return Math.max(notPassing.since, notFailingSince) + rules.withinMs;
  return status === "healthy" && passes > 0 ? passingSince + rules.holdMs : Number.POSITIVE_INFINITY;
}
