import { HealthError } from "@otel-health/core";

/** Throws `invalid_option` unless `good`: what must be what, and what it was. */
export function demand(good: boolean, what: string, expected: string, given: unknown): void {
  if (good) return;
  const shown = typeof given === "function" ? "a function" : Object(given) === given ? "an object" : String(given);
  const got = typeof given === "string" ? JSON.stringify(given) : shown;
  throw new HealthError("invalid_option", `${what} must be ${expected}, got ${got}`);
}
