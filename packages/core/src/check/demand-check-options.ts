import { HealthError } from "../health-error.ts";
import { optionsOf } from "../option-reader.ts";
import type { ScheduleOptions } from "./check.ts";

// Complete because the compiler says so.
const scheduleOptions: { readonly [O in keyof Required<ScheduleOptions>]: true } = {
  critical: true,
  probes: true,
  hint: true,
  dependsOn: true,
  persistentAfterMs: true,
  intervalMs: true,
  timeoutMs: true,
  initialDelayMs: true,
  jitter: true,
  backoff: true,
  failureThreshold: true,
  gracePeriodMs: true,
  successThreshold: true,
  staleAfterMs: true,
  slowAfterMs: true,
};

/** The options that a ready-made check has beside those of any check that is run, by name. */
export type OwnOptions<O extends ScheduleOptions> = {
  readonly [K in Exclude<keyof O, keyof ScheduleOptions>]-?: true;
};

/**
 * For packages that make checks: throws `invalid_option` unless `options` is an object whose keys are names of `own` or
 * of {@link ScheduleOptions}; returns the latter. Their values are judged by {@link demandCheck}.
 */
export function demandCheckOptions<O extends ScheduleOptions>(
  where: string,
  options: O,
  own: OwnOptions<O>,
): ScheduleOptions {
  const given = Object.entries(optionsOf(where, options));
  const unknown = given.find(([key]) => !Object.hasOwn(scheduleOptions, key) && !Object.hasOwn(own, key));
  if (unknown !== undefined) {
    const known = [...Object.keys(own), ...Object.keys(scheduleOptions)].sort().join(", ");
    throw new HealthError("invalid_option", `${unknown[0]} is not an option of ${where}; the options are: ${known}`);
  }
  return Object.fromEntries(given.filter(([key]) => Object.hasOwn(scheduleOptions, key)));
}
