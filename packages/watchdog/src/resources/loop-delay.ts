import { type FunctionCheck, pass, type ScheduleOptions, warn } from "@otel-health/core";
import { demandBound, judge, readBounds } from "./bounds.ts";
import type { LoopSampler } from "./loop-sampler.ts";
import { loopSampling } from "./loop-sampling.ts";
import { duration } from "./quantities.ts";
import { demandOptions, resourceCheck } from "./resource-check.ts";

/** Options of {@link loopDelay}. Its readings are those of `intervalMs`, or of the sampler that is given. */
export interface LoopDelayOptions extends ScheduleOptions {
  /** Milliseconds of the 99th percentile above which the check is degraded; default 100. */
  readonly warnAboveMs?: number;
  /** Milliseconds of the 99th percentile above which it fails; default `Infinity`, never. */
  readonly failAboveMs?: number;
  /** Milliseconds of the longest single delay above which it is degraded; default 1 000. */
  readonly warnMaxAboveMs?: number;
  /** Default one of its own. */
  readonly sampler?: LoopSampler;
}

const hint =
  "something runs for long without giving way to the event loop: profile the CPU (node --cpu-prof), and look at synchronous calls, JSON and regular expressions over large input";

/**
 * How late the event loop was in the last interval: by the 99th percentile, and by the longest single delay, which a mean
 * hides. Degrades and is not critical: load delays all instances at once, and a service that is slow is more than none.
 */
export function loopDelay(options: LoopDelayOptions = {}): FunctionCheck {
  const where = "loopDelay()";
  const { warnAboveMs = 100, failAboveMs = Number.POSITIVE_INFINITY } = demandOptions(where, options);
  const { warnMaxAboveMs = 1_000 } = options;
  const bounds = readBounds(where, "Ms", { warnAbove: warnAboveMs, failAbove: failAboveMs, show: duration });
  demandBound(where, "warnMaxAboveMs", warnMaxAboveMs);
  const sampling = loopSampling(where, options);
  return resourceCheck(
    where,
    options,
    { warnAboveMs: true, failAboveMs: true, warnMaxAboveMs: true, sampler: true },
    {
      critical: false,
      hint,
      attach: sampling.attach,
      run({ clock }) {
        const reading = sampling.of(clock).read();
        if (reading === undefined) return pass("the first interval is not over");
        const { p99Ms, maxMs } = reading;
        const text = `the event loop was late by ${duration(p99Ms)} (p99), ${duration(maxMs)} at most`;
        const outcome = judge(p99Ms, bounds, text);
        if (outcome.status !== "pass" || maxMs <= warnMaxAboveMs) return outcome;
        return warn(`${text}, above ${duration(warnMaxAboveMs)}`);
      },
    },
  );
}
