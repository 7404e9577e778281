import { describeThrown, type Fault, fail, type Outcome, type OutcomeDetails } from "@otel-health/core";
import { networkFaults } from "./network-faults.ts";

/** What a driver's error means to an operator. */
export interface Diagnosis extends Pick<OutcomeDetails, "hint" | "errorType" | "retryAfterMs"> {
  /** Default `transient`. */
  readonly fault?: Fault;
  /** Instead of the error's own message, where that says nothing or says it in the driver's terms. */
  readonly message?: string;
}

/**
 * Sorts an error of one driver; `errorType` is the most telling code or name that it or its causes carry. Undefined for
 * what it does not know: then the network's own errors are looked at.
 */
export type Diagnose = (error: unknown, errorType: string) => Diagnosis | undefined;

/** The failure that an error stands for. Never throws, whatever a driver's error does when it is read. */
export function failure(error: unknown, diagnose?: Diagnose): Outcome {
  const described = describeThrown(error);
  const { message = described.message, ...details } =
    sorted(error, described.errorType, diagnose) ?? networkFaults[described.errorType] ?? {};
  return fail(message, { errorType: described.errorType, ...details });
}

function sorted(error: unknown, errorType: string, diagnose: Diagnose | undefined): Diagnosis | undefined {
  try {
    return diagnose?.(error, errorType);
  } catch {
    // A getter that throws, on a hostile error: what is known of it is enough.
    return undefined;
  }
}
