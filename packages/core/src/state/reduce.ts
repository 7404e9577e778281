import type { StateRules } from "../check/resolve-check.ts";
import type { Observation } from "../observation/observation.ts";
import { type CheckState, extend, type HealthState, type Streak } from "./check-state.ts";

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
  return next;
}

function observed(rules: StateRules, state: CheckState, event: StateEvent & { type: "observed" }): CheckState {
  const { at, wallAt, observation, starting } = event;
  const failed = observation.outcome === "fail";
  const passed = observation.outcome === "pass";
  const failing = extend(state.failing, failed, at, wallAt);
  const next: CheckState = {
    status: state.status,
    since: state.since,
    wallSince: state.wallSince,
    observation,
    failing,
    notPassing: extend(state.notPassing, !passed, at, wallAt),
    passes: passed ? state.passes + 1 : 0,
    notFails: failed ? 0 : state.notFails + 1,
    staleAt: event.staleAt,
    stale: false,
    persistent: persists(rules, failing, at),
    slow: passed ? (observation.durationMs ?? 0) - observation.loopLagMs > rules.slowAfterMs : state.slow,
  };
  const fatal = failed && starting && observation.fault === "fatal";
  return enter(next, fatal ? "unhealthy" : decide(rules, next, at), at, wallAt);
}

function elapsed(rules: StateRules, state: CheckState, at: number, wallAt: number): CheckState {
  const persistent = persists(rules, state.failing, at);
  const next = persistent === state.persistent ? state : { ...state, persistent };
  if (state.stale) return next;
  if (at < state.staleAt) return enter(next, decide(rules, next, at), at, wallAt);
  // What came before the silence is no streak towards recovery.
  return enter({ ...next, stale: true, passes: 0, notFails: 0 }, "unknown", at, wallAt);
}

function decide(rules: StateRules, state: CheckState, at: number): HealthState {
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

function enter(state: CheckState, status: HealthState, at: number, wallAt: number): CheckState {
  return status === state.status ? state : { ...state, status, since: at, wallSince: wallAt };
}
