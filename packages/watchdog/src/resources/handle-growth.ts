import { demand, demandMs, type FunctionCheck, pass, type ScheduleOptions, warn } from "@otel-health/core";
import { demandBound } from "./bounds.ts";
import { Floors, type Growth } from "./floors.ts";
import { duration } from "./quantities.ts";
import { demandOptions, resourceCheck } from "./resource-check.ts";

/** Options of {@link handleGrowth}. */
export interface HandleGrowthOptions extends ScheduleOptions {
  /**
   * Milliseconds through which the growth must go on; default 1 800 000, half an hour. Longer than load climbs for on an
   * ordinary day, and at least 16 times `intervalMs`.
   */
  readonly windowMs?: number;
  /** How many more of one type a minute are too many; default 1. */
  readonly warnAbovePerMinute?: number;
}

const hint =
  "something is opened and never closed: timers that are not cleared, sockets without a timeout, watchers, servers or requests that nobody ends";

/** More types than these would make a sentence that nobody reads. */
const mostNamed = 3;
/** Looks in each part of the window, so that its floor is one. */
const fewestLooks = 16;

/**
 * Whether there are ever more handles, timers or requests of a type: degraded where the least that there is of it rises
 * through the whole window, by more than `warnAbovePerMinute`. Neither load that comes and goes nor a step does that. It
 * counts what keeps the process alive (`process.getActiveResourcesInfo()`), so not what was unref'd. Not critical, and
 * never fails: a leak is mended in the code, and meanwhile the instance works.
 */
export function handleGrowth(options: HandleGrowthOptions = {}): FunctionCheck {
  const where = "handleGrowth()";
  const { windowMs = 1_800_000, warnAbovePerMinute = 1, intervalMs = 10_000 } = demandOptions(where, options);
  demandMs(`windowMs of ${where}`, windowMs, 1);
  demandMs(`intervalMs of ${where}`, intervalMs, 1);
  demandBound(where, "warnAbovePerMinute", warnAbovePerMinute);
  demand(
    windowMs >= fewestLooks * intervalMs,
    `windowMs of ${where}`,
    `at least ${fewestLooks} times intervalMs (${intervalMs})`,
    windowMs,
  );
  const floors = new Floors(windowMs);
  return resourceCheck(
    where,
    options,
    { windowMs: true, warnAbovePerMinute: true },
    {
      critical: false,
      hint,
      run({ clock }) {
        floors.add(clock.now(), countByType(process.getActiveResourcesInfo()));
        const leaks = floors.growth().filter(({ perMinute }) => perMinute > warnAbovePerMinute);
        if (leaks.length > 0)
          return warn(
            leaks
              .slice(0, mostNamed)
              .map((leak) => tell(leak, windowMs))
              .join(", "),
          );
        return pass(floors.isFull ? `nothing grew for ${duration(windowMs)}` : "the first window is not over");
      },
    },
  );
}

function tell({ type, perMinute, count }: Growth, windowMs: number): string {
  return `${type} grew by ${perMinute.toFixed(1)} a minute for ${duration(windowMs)}, to ${count}`;
}

function countByType(types: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const type of types) counts.set(type, (counts.get(type) ?? 0) + 1);
  return counts;
}
