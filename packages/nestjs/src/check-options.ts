import { HealthError } from "@otel-health/http";
import type { HealthModuleOptions } from "./health-module-options.ts";

/** A timer cannot wait longer than this many milliseconds (24.8 days). */
const longestMs = 2 ** 31 - 1;

/** Returns the options if they can be meant, save those that `health.endpoints()` checks. Throws `HealthError`. */
export function checkOptions(options: HealthModuleOptions): HealthModuleOptions {
  demand(typeof options === "object" && options !== null, "options", "an object", options);
  const { health, drainDelayMs, closeWithinMs } = options;
  const milliseconds = `milliseconds from 0 to ${longestMs}`;
  demand(typeof health?.endpoints === "function", "health", "what createHealth() returns", health);
  demand(drainDelayMs === false || isMs(drainDelayMs), "drainDelayMs", `${milliseconds} or false`, drainDelayMs);
  demand(isMs(closeWithinMs), "closeWithinMs", milliseconds, closeWithinMs);
  return options;
}

function isMs(value: unknown): boolean {
  return value === undefined || (typeof value === "number" && value >= 0 && value <= longestMs);
}

function demand(good: boolean, what: string, expected: string, given: unknown): void {
  if (good) return;
  const shown =
    typeof given === "string" ? JSON.stringify(given) : Object(given) === given ? typeof given : String(given);
  throw new HealthError("invalid_option", `${what} of HealthModule must be ${expected}, got ${shown}`);
}
