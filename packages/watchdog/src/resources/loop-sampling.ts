import { demand } from "@otel-health/core";
import { LoopSampler } from "./loop-sampler.ts";
import { Sampling } from "./sampling.ts";

/** What a check of the event loop looks at: the given sampler, or one of its own with the check's interval. */
export function loopSampling(
  where: string,
  { sampler, intervalMs }: { readonly sampler?: LoopSampler | undefined; readonly intervalMs?: number | undefined },
): Sampling<Pick<LoopSampler, "read"> & { stop(): void }> {
  const isSampler = typeof sampler?.start === "function" && typeof sampler.read === "function";
  demand(sampler === undefined || isSampler, `sampler of ${where}`, "a LoopSampler", sampler);
  const sampled = sampler ?? new LoopSampler(intervalMs === undefined ? {} : { intervalMs });
  return new Sampling((clock) => ({ read: () => sampled.read(), stop: sampled.start(clock) }));
}
