import { type FunctionCheck, pass } from "@otel-health/core";
import { judge, readBounds } from "./bounds.ts";
import type { LoopSampler } from "./loop-sampler.ts";
import { loopSampling } from "./loop-sampling.ts";
import { percent } from "./quantities.ts";
import { demandOptions, resourceCheck } from "./resource-check.ts";
import { type ShareOptions, shareOptions } from "./share-options.ts";

/** Options of {@link loopUtilization}. Its readings are those of `intervalMs`, or of the sampler that is given. */
export interface LoopUtilizationOptions extends ShareOptions {
  /** Default one of its own. */
  readonly sampler?: LoopSampler;
}

const hint =
  "this thread has no time left: add instances, or move work to worker threads; profile the CPU (node --cpu-prof)";

/**
 * The share of the last interval in which the event loop was not waiting for events; degraded above `warnAbove` (default
 * 0.95), failing above `failAbove` (default `Infinity`, never). Degrades and is not critical, as `loopDelay()`.
 */
export function loopUtilization(options: LoopUtilizationOptions = {}): FunctionCheck {
  const where = "loopUtilization()";
  const { warnAbove = 0.95, failAbove = Number.POSITIVE_INFINITY } = demandOptions(where, options);
  const bounds = readBounds(where, "", { warnAbove, failAbove, show: percent });
  const sampling = loopSampling(where, options);
  return resourceCheck(
    where,
    options,
    { ...shareOptions, sampler: true },
    {
      critical: false,
      hint,
      attach: sampling.attach,
      run({ clock }) {
        const reading = sampling.of(clock).read();
        if (reading === undefined) return pass("the first interval is not over");
        const { utilization } = reading;
        return judge(utilization, bounds, `the event loop was busy for ${percent(utilization)} of the time`);
      },
    },
  );
}
