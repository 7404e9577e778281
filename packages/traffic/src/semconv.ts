/**
 * Every name that this package's telemetry uses; nothing else spells one. The names of the spans that it reads stand in
 * `calls/attribute-names.ts`: those are OpenTelemetry's.
 */

/** Attribute names. */
export const attributes = {
  /** On SERVER spans: the checks that are degraded or unhealthy. */
  degraded: "health.degraded",
} as const;
