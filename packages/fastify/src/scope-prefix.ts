import { HealthError } from "@otel-health/http";

/** The prefix of a scope as the paths of probes take it. Throws `HealthError` where it is no fixed path. */
export function scopePrefix(prefix: string): string {
  if (/[:*]/.test(prefix)) {
    throw new HealthError(
      "invalid_option",
      `the prefix of the scope that healthEndpoints() is registered in must be a fixed path, got ${JSON.stringify(prefix)}; register it outside that scope`,
    );
  }
  return prefix.endsWith("/") ? prefix.slice(0, -1) : prefix;
}
