import type { StateRules } from "../check/resolve-check.ts";
import type { Observation } from "../observation/observation.ts";
import { type CheckState, extend, type HealthState, type Streak } from "./check-state.ts";
import { calm, hold, nextCalming, remember } from "./flapping.ts";

/** What can happen to a check's state. `at` is monotonic, `wallAt` wall time, both in milliseconds. */
export type StateEvent =
  | {
      readonly type: "observed";
      readonly at: number;
      readonly wallAt: number;
      readonly observation: Observation;
      /** When this answer will be too old. */
      readonly staleAt: number;
      /** While the process starts, a fatal fault does not wait for the thresholds. */
      readonly starting: boolean;
    }
  | { readonly type: "elapsed"; readonly at: number; readonly wallAt: number };

/** The next state. Pure: the same rules, state and event give the same state. */
export function reduce(rules: StateRules, state: CheckState, event: StateEvent): CheckState {
  return event.type === "observed" ? observed(rules, state, event) : elapsed(rules, state, event.at, event.wallAt);
}

/** The next moment at which time alone may change the state: an end of grace, staleness, persistence. */
export function nextElapse(rules: StateRules, state: CheckState): number {
  const { status, failing, notPassing } = state;
  let next = state.stale ? Number.POSITIVE_INFINITY : state.staleAt;
  if (failing.count > 0 && !state.persistent) next = Math.min(next, failing.since + rules.persistentAfterMs);
  // A stale check waits for an answer: no streak counts before that.
  if (state.stale) return next;
  if (status !== "unhealthy" && countReached(rules, state)) next = Math.min(next, failing.since + rules.gracePeriodMs);
  if (status === "healthy" && notPassing.count >= rules.failureThreshold)
    next = Math.min(next, notPassing.since + rules.gracePeriodMs);
  return Math.min(next, nextCalming(rules.flapping, state, rules.successThreshold));
}

function observed(rules: StateRules, state: CheckState, event: StateEvent & { type: "observed" }): CheckState {
  const { at, wallAt, observation, starting } = event;
  const failed = observation.outcome === "fail";
  const passed = observation.outcome === "pass";
  const failing = extend(state.failing, failed, at, wallAt);
  const answered: CheckState = {
    status: state.status,
    decided: state.decided,
    since: state.since,
    wallSince: state.wallSince,
    observation,
    failing,
    notPassing: extend(state.notPassing, !passed, at, wallAt),
    passes: passed ? state.passes + 1 : 0,
    notFails: failed ? 0 : state.notFails + 1,
    passingSince: passed && state.passes > 0 ? state.passingSince : at,
    notFailingSince: !failed && state.notFails > 0 ? state.notFailingSince : at,
    staleAt: event.staleAt,
    stale: false,
    persistent: persists(rules, failing, at),
    slow: passed ? (observation.durationMs ?? 0) - observation.loopLagMs > rules.slowAfterMs : state.slow,
    changes: state.changes,
    flapping: state.flapping,
  };
  const next = calm(rules.flapping, answered, at);
  const fatal = failed && starting && observation.fault === "fatal";
  return enter(rules, next, fatal ? "unhealthy" : decide(rules, next, at), at, wallAt);
}

function elapsed(rules: StateRules, state: CheckState, at: number, wallAt: number): CheckState {
  const persistent = persists(rules, state.failing, at);
  const next = persistent === state.persistent ? state : { ...state, persistent };
  if (state.stale) return next;
  if (at < state.staleAt) {
    const calmed = calm(rules.flapping, next, at);
    return enter(rules, calmed, decide(rules, calmed, at), at, wallAt);
  }
  // What came before the silence is no streak towards recovery.
  return enter(rules, { ...next, stale: true, passes: 0, notFails: 0 }, "unknown", at, wallAt);
}

function decide(rules: StateRules, state: CheckState, at: number): HealthState {
  return hold(rules.flapping, state, desired(rules, state, at), rules.successThreshold, at);
}

function desired(rules: StateRules, state: CheckState, at: number): HealthState {
  const { status, passes, notFails } = state;
  if (countReached(rules, state) && at >= state.failing.since + rules.gracePeriodMs) return "unhealthy";
  switch (status) {
    case "healthy":
      return crossed(rules, state.notPassing, at) ? "degraded" : "healthy";
    case "degraded":
      return passes >= rules.successThreshold ? "healthy" : "degraded";
    case "unhealthy":
    case "unknown":
      if (passes >= rules.successThreshold) return "healthy";
      return notFails >= rules.successThreshold ? "degraded" : status;
  }
}

/** Stuck runs answer for those that can no longer be started. */
function countReached(rules: StateRules, { failing, observation }: CheckState): boolean {
  return failing.count > 0 && (failing.count >= rules.failureThreshold || observation?.stuck === true);
}

function crossed(rules: StateRules, streak: Streak, at: number): boolean {
  return streak.count >= rules.failureThreshold && at >= streak.since + rules.gracePeriodMs;
}

function persists(rules: StateRules, failing: Streak, at: number): boolean {
  return failing.count > 0 && at >= failing.since + rules.persistentAfterMs;
}

function enter(rules: StateRules, state: CheckState, status: HealthState, at: number, wallAt: number): CheckState {
  if (status === state.status) return calm(rules.flapping, state, at);
  const entered: CheckState = { ...state, status, decided: true, since: at, wallSince: wallAt };
  // That a check is known at last is no change of mind.
  return state.decided ? calm(rules.flapping, remember(rules.flapping, entered, at), at) : entered;
}
