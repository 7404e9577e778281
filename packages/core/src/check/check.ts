import type { Clock } from "../clock.ts";
import type { Outcome } from "../observation/outcome.ts";
import type { ProbeName } from "../verdict/probe.ts";

/** What a check function is given. */
export interface RunContext {
  /** Fires when the run's deadline has passed, or when the check is stopped. */
  readonly signal: AbortSignal;
  /** The health object's clock and random source, for checks that wait or draw lots themselves. */
  readonly clock: Clock;
  /** Milliseconds that this run may take, for clients that want a timeout of their own. */
  readonly timeoutMs: number;
}

/** A check function: returns nothing or an outcome, or throws. */
// biome-ignore lint/suspicious/noConfusingVoidType: a function without a return statement is the commonest check
export type CheckFunction = (context: RunContext) => Outcome | undefined | void | Promise<Outcome | undefined | void>;

/** What every kind of check can say. */
export interface CheckOptions {
  /** Whether `unhealthy` makes the check's probes unhealthy (default) or only degraded. */
  readonly critical?: boolean;
  /** The probes it counts for; default readiness. In-process checks count for serving wherever they count for readiness. */
  readonly probes?: readonly ProbeName[];
  /** What an operator should look at when it fails, unless the outcome says better. */
  readonly hint?: string;
  /** Names of checks that this one cannot do without: while one of those is unhealthy, it is named as the cause. */
  readonly dependsOn?: readonly string[];
  /** A failure this old (milliseconds, default 300 000) is persistent: an event of higher severity. */
  readonly persistentAfterMs?: number;
}

/** When a check that is run is run, and how its answers are debounced. */
export interface ScheduleOptions extends CheckOptions {
  /** Milliseconds from the end of one run to the start of the next; default 10 000. */
  readonly intervalMs?: number;
  /** Milliseconds until a run counts as failed and its signal fires; default 2 000. */
  readonly timeoutMs?: number;
  /** Milliseconds before the first run; default 0. */
  readonly initialDelayMs?: number;
  /** Share of the interval, 0 to 1, by which a run may come sooner, drawn anew each time; default 0.1. */
  readonly jitter?: number;
  /**
   * Delay before the next run while failing: `initialMs` (default 1 000) times `factor` (default 2) to the failures
   * before; cut short where no run would come in the last `timeoutMs` before the grace ends.
   */
  readonly backoff?: BackoffOptions;
  /** Failures in a row before `unhealthy`, together with `gracePeriodMs`; default 3. */
  readonly failureThreshold?: number;
  /** Milliseconds since the first of those failures; default `intervalMs`. */
  readonly gracePeriodMs?: number;
  /** Passes in a row before `healthy` again; default 1. */
  readonly successThreshold?: number;
  /** Milliseconds past the due time of a missing result before `unknown`; default 2 × interval + timeout. */
  readonly staleAfterMs?: number;
  /** A pass slower than this (milliseconds, default half the timeout) is reported as slow. */
  readonly slowAfterMs?: number;
}

/** Growth of the delay between runs that fail. */
export interface BackoffOptions {
  /** Milliseconds; default 1 000. */
  readonly initialMs?: number;
  /** From 1 up; default 2. */
  readonly factor?: number;
}

/** A check that the schedule runs. */
export interface FunctionCheck extends ScheduleOptions {
  readonly kind?: "function";
  readonly run: CheckFunction;
  /**
   * Whether it looks beyond this process. Ready-made dependency checks say true; a function must say false before it
   * may count for liveness.
   */
  readonly external?: boolean;
  /**
   * Called when the schedule starts the check, with a function that brings the next run forward to now; what it returns
   * is called when the check ends. For checks that hear of trouble before they are next due.
   */
  readonly attach?: AttachCheck;
}

/** Connects a check to what it hears from; returns what disconnects it. */
export type AttachCheck = (runNow: () => void) => () => void;

/** Made by `heartbeat()`: a worker loop beats, silence fails. */
export interface HeartbeatCheck extends CheckOptions {
  readonly kind: "heartbeat";
  /** Milliseconds since the last beat, or since the start, that are tolerated. */
  readonly maxAgeMs: number;
}

/** Made by `push()`: someone sets the outcome. */
export interface PushCheck extends CheckOptions {
  readonly kind: "push";
  /** Milliseconds after which a pushed outcome is too old to count; default never. */
  readonly staleAfterMs?: number;
}

/** Made by `gate()`: a manual switch, never stale. */
export interface GateCheck extends CheckOptions {
  readonly kind: "gate";
  /** Default true. */
  readonly open?: boolean;
}

/** Made by `threshold()`: a number with bounds. */
export interface ThresholdCheck extends ScheduleOptions {
  readonly kind: "threshold";
  /** Returns the number to judge; it must not wait. */
  readonly value: () => number;
  readonly warnAbove?: number;
  readonly failAbove?: number;
  readonly warnBelow?: number;
  readonly failBelow?: number;
}

/** Whatever can be registered as a check. */
export type Check = CheckFunction | FunctionCheck | HeartbeatCheck | PushCheck | GateCheck | ThresholdCheck;

/** The kinds of checks. All but `function` look at this process only and take no slot of the schedule. */
export type CheckKind = "function" | "heartbeat" | "push" | "gate" | "threshold";
