import { fail, type Outcome, pass, warn } from "../observation/outcome.ts";

/** The bounds of a threshold check; those that were not given are infinite. */
export interface Bounds {
  readonly warnAbove: number;
  readonly failAbove: number;
  readonly warnBelow: number;
  readonly failBelow: number;
}

/** The outcome of a number. What is no number fails: a broken measure must not read as all is well. */
export function judgeNumber(value: unknown, bounds: Bounds): Outcome {
  if (typeof value !== "number" || Number.isNaN(value)) {
    return fail(`the value is not a number: ${typeof value}`, { errorType: "invalid_outcome" });
  }
  const { warnAbove, failAbove, warnBelow, failBelow } = bounds;
  const errorType = "out_of_bounds";
  if (value > failAbove) return fail(`${value} is above ${failAbove}`, { errorType });
  if (value < failBelow) return fail(`${value} is below ${failBelow}`, { errorType });
  if (value > warnAbove) return warn(`${value} is above ${warnAbove}`);
  if (value < warnBelow) return warn(`${value} is below ${warnBelow}`);
  return pass();
}
