/** The status codes of gRPC, by their numbers. */
const names: readonly string[] = [
  "OK",
  "CANCELLED",
  "UNKNOWN",
  "INVALID_ARGUMENT",
  "DEADLINE_EXCEEDED",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED",
  "FAILED_PRECONDITION",
  "ABORTED",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
  "UNAUTHENTICATED",
];

/** Those that the semantic conventions call errors of the server; every other one is an answer. */
const serverErrors: ReadonlySet<string> = new Set([
  "UNKNOWN",
  "DEADLINE_EXCEEDED",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
]);

/** The name of a status code that a span carries, as a number, as its digits or by name. */
export function rpcStatusName(status: unknown): string {
  const name = names[Number(status)];
  return name ?? String(status).toUpperCase();
}

/** Whether a status code is the server's error. */
export function isServerError(name: string): boolean {
  return serverErrors.has(name);
}
