import { demand, demandMs, HealthError } from "@otel-health/core";

/** What every check of this package can say beside the options of any check that is run. */
export interface WindowOptions {
  /** Milliseconds that are looked back on. */
  readonly windowMs?: number;
  /** Fewer than these are too few to judge. */
  readonly minSamples?: number;
  /** Share, 0 to 1, of failures beyond which it fails; default 0.5. */
  readonly maxErrorRatio?: number;
}

/** Throws `invalid_option` for what is not an object with these options alone. */
export function demandOptions(where: string, options: unknown, known: readonly string[]): void {
  const isRecord = typeof options === "object" && options !== null && !Array.isArray(options);
  demand(isRecord, where, "an object of options", options);
  for (const key of Object.keys(options as object)) {
    if (known.includes(key)) continue;
    const message = `${key} is not an option of ${where}; the options are: ${known.toSorted().join(", ")}`;
    throw new HealthError("invalid_option", message);
  }
}

/** Validates and defaults the options of a window. */
export function readWindow(
  where: string,
  options: WindowOptions,
  fallbacks: Pick<Required<WindowOptions>, "windowMs" | "minSamples">,
): Required<WindowOptions> {
  const { windowMs = fallbacks.windowMs, minSamples = fallbacks.minSamples, maxErrorRatio = 0.5 } = options;
  demandMs(`windowMs of ${where}`, windowMs, 100);
  demand(
    Number.isInteger(minSamples) && minSamples >= 1,
    `minSamples of ${where}`,
    "a whole number from 1 up",
    minSamples,
  );
  const isShare = typeof maxErrorRatio === "number" && maxErrorRatio >= 0 && maxErrorRatio <= 1;
  demand(isShare, `maxErrorRatio of ${where}`, "a number from 0 to 1, the share of failures", maxErrorRatio);
  return { windowMs, minSamples, maxErrorRatio };
}

/** A bound in milliseconds, `Infinity` where none is given. */
export function readBound(what: string, bound: number | undefined): number {
  if (bound === undefined) return Number.POSITIVE_INFINITY;
  demandMs(what, bound, 1);
  return bound;
}

/** Validates a function that may be left out. */
export function demandFunction(what: string, given: unknown): void {
  demand(given === undefined || typeof given === "function", what, "a function", given);
}
