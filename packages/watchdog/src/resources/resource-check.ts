import {
  demand,
  demandCheckOptions,
  type FunctionCheck,
  type OwnOptions,
  type ScheduleOptions,
} from "@otel-health/core";

/** What a check of a resource is, unless its user says otherwise of the first two. */
type Made = Required<Pick<FunctionCheck, "critical" | "hint" | "run">> & Pick<FunctionCheck, "attach">;

/**
 * A check of this process from its options, of which `own` says those that are not the schedule's. Throws `HealthError`
 * for an option that there is not; those of the schedule are judged where the check is registered.
 */
export function resourceCheck<O extends ScheduleOptions>(
  where: string,
  options: O,
  own: OwnOptions<O>,
  { critical, hint, ...made }: Made,
): FunctionCheck {
  return {
    ...demandCheckOptions(where, options, own),
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
