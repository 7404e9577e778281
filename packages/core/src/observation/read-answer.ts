import { show } from "../option-reader.ts";
import { describeError } from "./describe-error.ts";
import { describeThrown, unreadable } from "./describe-thrown.ts";
import type { ErrorTypes } from "./error-type.ts";
import type { Answer } from "./observation.ts";
import type { Fault } from "./outcome.ts";
import { redact } from "./redact.ts";

const passed: Answer = {
  outcome: "pass",
  message: undefined,
  hint: undefined,
  errorType: undefined,
  fault: undefined,
  retryAfterMs: 0,
};

const longestHint = 300;

/** Reads what a check returned. Whatever is not nothing or an outcome is a failure that says so, never a pass. */
export function readReturned(returned: unknown, types: Pick<ErrorTypes, "admit">): Answer {
  if (returned === undefined) return passed;
  try {
    const unknown = (status: unknown) =>
      status === undefined ? undefined : invalid(`returned the unknown status ${show(status)}`);
    return readOutcome(returned, types, unknown) ?? invalid(`returned ${show(returned)}`);
  } catch (thrown) {
    return invalid(`returned a value that throws when it is read (${describeSafely(thrown)})`);
  }
}

/** Reads what a check threw: an error, an outcome that was thrown, or anything else. */
export function readThrown(thrown: unknown, types: Pick<ErrorTypes, "admit">): Answer {
  let described = unreadable;
  try {
    const outcome = thrown instanceof Error ? undefined : readOutcome(thrown, types, () => undefined);
    if (outcome?.outcome === "fail") return outcome;
    described = describeThrown(thrown);
  } catch {
    // What cannot be read as an outcome is not read again.
  }
  return failed(described.message, undefined, types.admit(described.errorType), "transient", 0);
}

/** A failure that the library itself found. */
export function failed(
  message: string,
  hint: string | undefined,
  errorType: string,
  fault: Fault,
  retryAfterMs: number,
): Answer {
  return { outcome: "fail", message, hint, errorType, fault, retryAfterMs };
}

/** Reads an outcome; undefined for what is none. What has another status is what `unknown` makes of that. */
function readOutcome(
  value: unknown,
  types: Pick<ErrorTypes, "admit">,
  unknown: (status: unknown) => Answer | undefined,
): Answer | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  // Each property is read once: a getter must not answer one thing to the check of it and another to its use.
  const { status, message, hint, errorType, fault, retryAfterMs, cause } = value as Readonly<Record<string, unknown>>;
  if (status !== "pass" && status !== "warn" && status !== "fail") return unknown(status);
  const described = cause === undefined ? undefined : describeError(cause);
  const text = typeof message === "string" && message !== "" ? message : described?.message;
  const failing = status === "fail";
  return {
    outcome: status,
    message: text === undefined ? (failing ? "failed without a message" : undefined) : redact(text),
    hint: typeof hint === "string" && hint !== "" ? redact(hint, longestHint) : undefined,
    errorType: failing
      ? types.admit(typeof errorType === "string" ? errorType : (described?.errorType ?? "_OTHER"))
      : undefined,
    fault: failing ? (fault === "persistent" || fault === "fatal" ? fault : "transient") : undefined,
    retryAfterMs: typeof retryAfterMs === "number" && retryAfterMs > 0 ? retryAfterMs : 0,
  };
}

function invalid(what: string): Answer {
  const hint = "a check returns nothing, pass(), warn() or fail(), or throws";
  return failed(redact(what), hint, "invalid_outcome", "transient", 0);
}

function describeSafely(thrown: unknown): string {
  try {
    return redact(describeError(thrown).message, 100);
  } catch {
    return "and so does its error";
  }
}
