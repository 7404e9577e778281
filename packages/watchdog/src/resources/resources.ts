import { type FunctionCheck, HealthError } from "@otel-health/core";
import { type GcTimeOptions, gcTime } from "./gc-time.ts";
import { type HandleGrowthOptions, handleGrowth } from "./handle-growth.ts";
import { heapUsed } from "./heap-used.ts";
import { type LoopDelayOptions, loopDelay } from "./loop-delay.ts";
import { LoopSampler } from "./loop-sampler.ts";
import { type LoopUtilizationOptions, loopUtilization } from "./loop-utilization.ts";
import { memoryUsed } from "./memory-used.ts";
import { openFiles } from "./open-files.ts";
import { demandOptions } from "./resource-check.ts";
import type { ShareOptions } from "./share-options.ts";
import { type ThreadPoolOptions, threadPool } from "./thread-pool.ts";

/** Options of {@link resources}: those of each check by the name that it gets, or false to leave it out. */
export interface ResourcesOptions {
  readonly heap?: ShareOptions | false;
  readonly memory?: ShareOptions | false;
  readonly gc?: GcTimeOptions | false;
  readonly loop_delay?: LoopDelayOptions | false;
  readonly loop_utilization?: LoopUtilizationOptions | false;
  readonly thread_pool?: ThreadPoolOptions | false;
  readonly handles?: HandleGrowthOptions | false;
  readonly open_files?: ShareOptions | false;
}

/** The checks of {@link resources} by name. */
export type Resources<O extends ResourcesOptions> = {
  readonly [K in keyof ResourcesOptions as K extends keyof O ? (O[K] extends false ? never : K) : K]-?: FunctionCheck;
};

type Makers = { readonly [K in keyof ResourcesOptions]-?: (options: object) => FunctionCheck };

/**
 * All checks of this process's resources, to spread among others: `checks: { ...resources() }`. The two of the event loop
 * share one sampler, unless one of them has an interval of its own. Throws `HealthError`.
 */
export function resources<const O extends ResourcesOptions = Record<never, never>>(options: O = {} as O): Resources<O> {
  const given: { readonly [name: string]: object | false } = { ...demandOptions<object>("resources()", options) };
  const sampler = new LoopSampler();
  // Who asks for another interval is given readings of that.
  const sampled = (own: { readonly intervalMs?: number }) => (own.intervalMs === undefined ? { sampler, ...own } : own);
  const makers: Makers = {
    heap: heapUsed,
    memory: memoryUsed,
    gc: gcTime,
    loop_delay: (own) => loopDelay(sampled(own)),
    loop_utilization: (own) => loopUtilization(sampled(own)),
    thread_pool: threadPool,
    handles: handleGrowth,
    open_files: openFiles,
  };
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(makers, name)) continue;
    const known = Object.keys(makers).join(", ");
    throw new HealthError("invalid_option", `${name} is not an option of resources(); the options are: ${known}`);
  }
  const checks: Record<string, FunctionCheck> = {};
  for (const [name, make] of Object.entries(makers)) {
    const { [name]: own = {} } = given;
    if (own !== false) checks[name] = make(own);
  }
  return checks as Resources<O>;
}
