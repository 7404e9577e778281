import type { Observation } from "../observation/observation.ts";
import type { Fault } from "../observation/outcome.ts";

/** Debounced state of a check; `unknown` never ran, or its last result is too old. */
export type HealthState = "healthy" | "degraded" | "unhealthy" | "unknown";

/** All states, in the order in which metrics list them. */
export const healthStates: readonly HealthState[] = ["healthy", "degraded", "unhealthy", "unknown"];

/** How bad each state is, among each other. */
export const badness: { readonly [S in HealthState]: number } = { healthy: 0, degraded: 1, unknown: 2, unhealthy: 3 };

/** Of a check that never changed: one array for all of them. */
export const noChanges: readonly number[] = [];

/** A run of like answers: how many, and when the first one came. */
export interface Streak {
  readonly count: number;
  /** Monotonic, milliseconds; meaningless while `count` is 0. */
  readonly since: number;
  /** The same moment in wall time. */
  readonly wallSince: number;
}

/** Everything that is decided about one check. A value: `reduce` makes the next one. */
export interface CheckState {
  readonly status: HealthState;
  /** Some state other than unknown was reached. */
  readonly decided: boolean;
  /** When `status` was entered: monotonic and wall time, milliseconds. */
  readonly since: number;
  readonly wallSince: number;
  /** The newest answer; undefined until there is one. */
  readonly observation: Observation | undefined;
  /** Answers in a row that were `fail`. */
  readonly failing: Streak;
  /** Answers in a row that were `warn` or `fail`. */
  readonly notPassing: Streak;
  /** Answers in a row that were `pass`, and that were not `fail`. */
  readonly passes: number;
  readonly notFails: number;
  /** When the first of those came, monotonic; meaningless while there are none. */
  readonly passingSince: number;
  readonly notFailingSince: number;
  /** Monotonic time at which the newest answer is too old; `Infinity` for never. */
  readonly staleAt: number;
  /** That moment has come, and no newer answer. */
  readonly stale: boolean;
  /** The streak of failures is older than `persistentAfterMs`. */
  readonly persistent: boolean;
  /** The newest pass took longer than `slowAfterMs`. */
  readonly slow: boolean;
  /** When the newest changes of `status` came, monotonic: as many as flapping takes, and the first one not counted. */
  readonly changes: readonly number[];
  /** It has changed so often that getting better takes longer. */
  readonly flapping: boolean;
}

const noStreak: Streak = { count: 0, since: 0, wallSince: 0 };

/** The state of a check that never ran. */
export function initialState(at: number, wallAt: number): CheckState {
  return {
    status: "unknown",
    decided: false,
    since: at,
    wallSince: wallAt,
    observation: undefined,
    failing: noStreak,
    notPassing: noStreak,
    passes: 0,
    notFails: 0,
    passingSince: 0,
    notFailingSince: 0,
    staleAt: Number.POSITIVE_INFINITY,
    stale: false,
    persistent: false,
    slow: false,
    changes: noChanges,
    flapping: false,
  };
}

/** The streak after one more answer, which belongs to it or ends it. */
export function extend(streak: Streak, belongs: boolean, at: number, wallAt: number): Streak {
  if (!belongs) return noStreak;
  if (streak.count === 0) return { count: 1, since: at, wallSince: wallAt };
  return { count: streak.count + 1, since: streak.since, wallSince: streak.wallSince };
}

/** Why the check fails now: what its answer said, or `persistent` once it has lasted. Undefined while it does not. */
export function faultOf(state: CheckState): Fault | undefined {
  const fault = state.failing.count > 0 ? state.observation?.fault : undefined;
  return fault === "transient" && state.persistent ? "persistent" : fault;
}
