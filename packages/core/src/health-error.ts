/** Every error code with what it means. The README's table is checked against this one. */
export const healthErrorCodes = {
  invalid_option: "An option has the wrong type, is out of range or is unknown.",
  contradictory_options: "Two options cannot both hold.",
  invalid_name: "A check, startup task or group is not named [a-z][a-z0-9_.-]* with at most 63 characters.",
  duplicate_name: "Two checks, or a check and a startup task, have one name.",
  unknown_check: "A name refers to a check that does not exist.",
  external_in_liveness: "Liveness was given a check that may look beyond this process.",
  startup_cycle: "Startup tasks wait for each other.",
  dependency_cycle: "Checks depend on each other.",
  too_many_names: "More distinct check names were registered than maxCheckNames allows.",
  startup_failed: "Startup met a fault that retrying cannot mend.",
  startup_aborted: "The process was drained or stopped before startup had finished.",
  incompatible_version: "Two copies of this package in one process are of versions that do not understand each other.",
  stopped: "The health object was stopped and cannot be used that way again.",
} as const;

/** One of the codes that a {@link HealthError} carries. */
export type HealthErrorCode = keyof typeof healthErrorCodes;

/** What the library throws: only to its caller, and never because a check failed. */
export class HealthError extends Error {
  /** Machine-readable reason, stable across releases. */
  readonly code: HealthErrorCode;

  constructor(code: HealthErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "HealthError";
    this.code = code;
  }
}

/** Whether `value` is a {@link HealthError}, also one of another copy of this package. */
export function isHealthError(value: unknown): value is HealthError {
  return value instanceof Error && value.name === "HealthError" && "code" in value && typeof value.code === "string";
}
