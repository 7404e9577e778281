import { optionsOf } from "../option-reader.ts";
import type { ScheduleOptions, ThresholdCheck } from "./check.ts";
import { resolveCheck } from "./resolve-check.ts";

/** A number of this process with bounds: outside `warn…` it is degraded, outside `fail…` it fails. */
export function threshold(
  value: () => number,
  options: ScheduleOptions & {
    readonly warnAbove?: number;
    readonly failAbove?: number;
    readonly warnBelow?: number;
    readonly failBelow?: number;
  },
): ThresholdCheck {
  const check: ThresholdCheck = { ...optionsOf("threshold()", options), kind: "threshold", value };
  resolveCheck("threshold()", check);
  return check;
}
