import { demand, fail, HealthError, type Outcome, pass, warn } from "@otel-health/core";

/** Above the first a resource is degraded, above the second it fails; `Infinity`: never. */
export interface Bounds {
  readonly warnAbove: number;
  readonly failAbove: number;
  /** A value as an operator reads it. */
  readonly show: (value: number) => string;
}

/** What the options of the two bounds are called: the unit is in the name. What has none is a share. */
type Unit = "" | "Ms" | "PerMinute";

/** Throws `HealthError` for a bound that cannot be one, and where the first is beyond the second. */
export function readBounds(where: string, unit: Unit, { warnAbove, failAbove, show }: Bounds): Bounds {
  const [warnKey, failKey] = [`warnAbove${unit}`, `failAbove${unit}`];
  const demandIt = unit === "" ? demandShare : demandBound;
  demandIt(where, warnKey, warnAbove);
  demandIt(where, failKey, failAbove);
  if (warnAbove <= failAbove) return { warnAbove, failAbove, show };
  throw new HealthError(
    "contradictory_options",
    `${where}: ${warnKey} (${warnAbove}) is beyond ${failKey} (${failAbove}); lower the first or raise the second`,
  );
}

/** Throws `HealthError` for a bound that is no number from 0 up. */
export function demandBound(where: string, key: string, bound: unknown): void {
  demand(
    typeof bound === "number" && bound >= 0,
    `${key} of ${where}`,
    "a number from 0 up, Infinity for never",
    bound,
  );
}

/** Throws `HealthError` for a bound that no share is above: percents, taken for shares, would never be. */
function demandShare(where: string, key: string, share: unknown): void {
  const isShare = typeof share === "number" && share >= 0 && (share <= 1 || share === Number.POSITIVE_INFINITY);
  demand(isShare, `${key} of ${where}`, "a share from 0 to 1 (0.8 is 80 %), Infinity for never", share);
}

/** The outcome of a value: `text`, and which bound it is above. */
export function judge(value: number, { warnAbove, failAbove, show }: Bounds, text: string): Outcome {
  if (value > failAbove) return fail(`${text}, above ${show(failAbove)}`, { errorType: "out_of_bounds" });
  return value > warnAbove ? warn(`${text}, above ${show(warnAbove)}`) : pass(text);
}
