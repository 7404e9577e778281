import type { HrTime } from "@opentelemetry/api";

/** Wall milliseconds as OpenTelemetry's [seconds, nanoseconds], which no SDK mistakes for a time since process start. */
export function hrTime(wallMs: number): HrTime {
  const seconds = Math.floor(wallMs / 1_000);
  return [seconds, Math.round((wallMs - seconds * 1_000) * 1_000_000)];
}
