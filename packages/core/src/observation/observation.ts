import type { Fault, OutcomeStatus } from "./outcome.ts";

/** An outcome made safe: bounded, redacted, of known shape. */
export interface Answer {
  readonly outcome: OutcomeStatus;
  readonly message: string | undefined;
  readonly hint: string | undefined;
  /** From a bounded set, only on `fail`. */
  readonly errorType: string | undefined;
  /** Only on `fail`. */
  readonly fault: Fault | undefined;
  /** Milliseconds; 0 where the dependency asked for nothing. */
  readonly retryAfterMs: number;
}

/** What one run of a check found, and when. */
export interface Observation extends Answer {
  /** End of the run in milliseconds of the timeline, which leaves out the time for which the process was suspended. */
  readonly at: number;
  /** The same moment in plain monotonic time: true age is measured from it. */
  readonly clockAt: number;
  /** Wall time of the end of the run, milliseconds since the epoch. */
  readonly wallAt: number;
  /** Undefined for what was not run but told (beat, push, gate). */
  readonly durationMs: number | undefined;
  /** How long the event loop was late during the run, milliseconds: not the dependency's fault. */
  readonly loopLagMs: number;
  /** Runs that never settled fill the check's allowance: the grace is waited for, a count of failures is not. */
  readonly stuck: boolean;
}
