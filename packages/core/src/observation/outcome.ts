/** What one run of a check answered. */
export type OutcomeStatus = "pass" | "warn" | "fail";

/**
 * Why something failed, as an operator would sort it: `transient` may mend itself, `persistent` has lasted, `fatal`
 * cannot be mended by waiting (wrong database, missing configuration, bad credentials).
 */
export type Fault = "transient" | "persistent" | "fatal";

/** What a check may say beside its status. */
export interface OutcomeDetails {
  /** What an operator should look at; at most 300 characters are kept. */
  readonly hint?: string;
  /** Low-cardinality name of the failure, for `error.type`; without it the thrown error decides. */
  readonly errorType?: string;
  /** Default `transient`. */
  readonly fault?: Fault;
  /** The dependency asked not to be called again before this many milliseconds: a floor for the next run. */
  readonly retryAfterMs?: number;
  /** The error behind the outcome; message and `error.type` are taken from it where they are not given. */
  readonly cause?: unknown;
}

/** An answer, as {@link pass}, {@link warn} and {@link fail} make it. */
export interface Outcome extends OutcomeDetails {
  readonly status: OutcomeStatus;
  /** At most 500 characters are kept; credentials are redacted. */
  readonly message?: string;
}

/** All is well. Returning nothing says the same. */
export function pass(message?: string): Outcome {
  return message === undefined ? { status: "pass" } : { status: "pass", message };
}

/** It works, but someone should look: degraded, never unhealthy. */
export function warn(message: string, details: OutcomeDetails = {}): Outcome {
  return { ...details, status: "warn", message };
}

/** It does not work. Throwing says the same with the error's message. */
export function fail(message: string, details: OutcomeDetails = {}): Outcome {
  return { ...details, status: "fail", message };
}
