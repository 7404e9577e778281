import { demandMs, type FunctionCheck } from "@otel-health/core";
import { judge, readBounds } from "./bounds.ts";
import { GcWatch } from "./gc-watch.ts";
import { duration, percent } from "./quantities.ts";
import { demandOptions, resourceCheck } from "./resource-check.ts";
import { Sampling } from "./sampling.ts";
import { type ShareOptions, shareOptions } from "./share-options.ts";

/** Options of {@link gcTime}. */
export interface GcTimeOptions extends ShareOptions {
  /** The share is that of the last so many milliseconds; default 30 000. */
  readonly windowMs?: number;
}

const hint =
  "V8 spends its time collecting garbage: the heap is nearly full, or too much is allocated; profile allocations, raise --max-old-space-size or --max-semi-space-size";

/**
 * The share of the last window that was spent in garbage collection, during which nothing else runs; degraded above
 * `warnAbove` (default 0.2), failing above `failAbove` (default 0.5). Not critical: load does this to all instances at
 * once, and where it is the heap that is full, `heapUsed()` decides.
 */
export function gcTime(options: GcTimeOptions = {}): FunctionCheck {
  const where = "gcTime()";
  const { warnAbove = 0.2, failAbove = 0.5, windowMs = 30_000 } = demandOptions(where, options);
  const bounds = readBounds(where, "", { warnAbove, failAbove, show: percent });
  demandMs(`windowMs of ${where}`, windowMs, 1_000);
  const sampling = new Sampling(() => new GcWatch(windowMs));
  return resourceCheck(
    where,
    options,
    { ...shareOptions, windowMs: true },
    {
      critical: false,
      hint,
      attach: sampling.attach,
      run({ clock }) {
        const share = sampling.of(clock).share(clock.now());
        return judge(share, bounds, `garbage collection took ${percent(share)} of the last ${duration(windowMs)}`);
      },
    },
  );
}
