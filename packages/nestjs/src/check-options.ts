import { demand, demandMs } from "@otel-health/http";
import type { HealthModuleOptions } from "./health-module-options.ts";

/** Returns the options if they can be meant, save those that `health.endpoints()` checks. Throws `HealthError`. */
export function checkOptions(options: HealthModuleOptions): HealthModuleOptions {
  const of = "of HealthModule";
  demand(typeof options === "object" && options !== null, `options ${of}`, "an object", options);
  const { health, drainDelayMs = 0, closeWithinMs = 0 } = options;
  demand(typeof health?.endpoints === "function", `health ${of}`, "what createHealth() returns", health);
  if (drainDelayMs !== false) demandMs(`drainDelayMs ${of}, if not false,`, drainDelayMs);
  demandMs(`closeWithinMs ${of}`, closeWithinMs);
  return options;
}
