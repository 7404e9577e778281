import { demand, type FunctionCheck, HealthError, type ScheduleOptions } from "@otel-health/core";

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

/** What a check of a resource is, unless its user says otherwise of the first two. */
type Made = Required<Pick<FunctionCheck, "critical" | "hint" | "run">> & Pick<FunctionCheck, "attach">;

/** The options of a check of a resource that are its own, by name. */
type Own<O> = { readonly [K in Exclude<keyof O, keyof ScheduleOptions>]-?: true };

/**
 * A check of this process from its options, of which `own` says those that are not the schedule's. Throws `HealthError`
 * for an option that there is not; those of the schedule are judged where the check is registered.
 */
export function resourceCheck<O extends ScheduleOptions>(
  where: string,
  options: O,
  own: Own<O>,
  { critical, hint, ...made }: Made,
): FunctionCheck {
  const schedule: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(options)) {
    if (Object.hasOwn(scheduleOptions, key)) schedule[key] = value;
    else if (!Object.hasOwn(own, key)) {
      const known = [...Object.keys(own), ...Object.keys(scheduleOptions)].sort().join(", ");
      throw new HealthError("invalid_option", `${key} is not an option of ${where}; the options are: ${known}`);
    }
  }
  return {
    ...(schedule as ScheduleOptions),
    critical: options.critical ?? critical,
    hint: options.hint ?? hint,
    external: false,
    ...made,
  };
}

/** The options, if they can be some. Throws `HealthError`. */
export function demandOptions<O>(where: string, options: O): O {
  const isRecord = typeof options === "object" && options !== null && !(Symbol.iterator in options);
  demand(isRecord, `options of ${where}`, "an object", options);
  return options;
}
