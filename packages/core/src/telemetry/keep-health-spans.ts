import { type Attributes, SamplingDecision } from "@opentelemetry/api";
import { guarded } from "./guard.ts";
import { attributes, spans } from "./semconv.ts";

/** A sampler of any SDK. */
export interface AnySampler {
  shouldSample(...args: never[]): object;
  toString(): string;
}

/**
 * A sampler that keeps every span about health and asks `sampler` of all others: there are few of them, and an
 * incident's id then always leads to its trace, whatever the ratio. For the `sampler` option of an SDK.
 */
export function keepHealthSpans<S extends AnySampler>(sampler: S): Pick<S, "shouldSample" | "toString"> {
  const shouldSample = (...args: never[]): object => {
    if (!isOurs(args[2], args[4])) return sampler.shouldSample(...args);
    // Asked all the same: what it puts into the trace state is part of the trace.
    const answer = guarded("asking the sampler", () => sampler.shouldSample(...args));
    return { ...answer, decision: SamplingDecision.RECORD_AND_SAMPLED };
  };
  return { shouldSample, toString: () => `KeepHealthSpans{${sampler}}` };
}

const names = Object.values(spans).map((name) => `${name} `);

function isOurs(name: unknown, given: unknown): boolean {
  const check = (given as Attributes | undefined)?.[attributes.checkName];
  return typeof check === "string" && typeof name === "string" && names.some((start) => name === `${start}${check}`);
}
