import {
  type CheckFunction,
  demandCheck,
  demandCheckOptions,
  type FunctionCheck,
  type OwnOptions,
  type ScheduleOptions,
} from "@otel-health/core";
import { type Diagnose, failure } from "./diagnosis.ts";

/** What a ready-made check is beside its options. */
export interface DependencyParts extends Pick<FunctionCheck, "attach"> {
  /** Asks the dependency; whatever it throws is sorted by `diagnose`. */
  readonly run: CheckFunction;
  readonly diagnose?: Diagnose;
  /** What to look at where nothing better is known: when no answer came at all. */
  readonly hint: string;
  /** Default true: it looks beyond this process. */
  readonly external?: boolean;
}

/**
 * A check of a dependency from its options, of which `own` names those that are not any check's. Throws `HealthError`
 * for options that are wrong or that there are not.
 */
export function dependencyCheck<O extends ScheduleOptions>(
  where: string,
  options: O,
  own: OwnOptions<O>,
  { run, diagnose, attach, hint, external = true }: DependencyParts,
): FunctionCheck {
  const check: FunctionCheck = {
    hint,
    ...demandCheckOptions(where, options, own),
    ...(attach !== undefined && { attach }),
    external,
    run: async (context) => {
      try {
        return await run(context);
      } catch (error) {
        return failure(error, diagnose);
      }
    },
  };
  demandCheck(where, check);
  return check;
}
