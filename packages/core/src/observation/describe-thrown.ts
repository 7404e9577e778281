import { describeError, type ErrorDescription } from "./describe-error.ts";
import { redact } from "./redact.ts";

/** What is said of a value that throws when it is read. */
export const unreadable: ErrorDescription = {
  message: "threw a value that throws when it is read",
  errorType: "_OTHER",
};

/**
 * Whatever was thrown, in one line of at most 500 characters without credentials, and its type: the most telling code
 * or name that it or its causes carry. Never throws.
 */
export function describeThrown(thrown: unknown): ErrorDescription {
  try {
    const { message, errorType } = describeError(thrown);
    return { message: redact(message), errorType };
  } catch {
    return unreadable;
  }
}
