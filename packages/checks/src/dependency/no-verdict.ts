import { fail, type Outcome } from "@otel-health/core";

/** For a predicate of the application's that did not tell: a promise would pass for a yes, and null for a no. */
export function noVerdict(what: string): Outcome {
  return fail(`${what} returned neither true nor false`, {
    errorType: "no_verdict",
    fault: "persistent",
    hint: "let it return true or false, and nothing that has to be waited for",
  });
}
