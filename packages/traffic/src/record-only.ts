import { SamplingDecision, SpanKind } from "@opentelemetry/api";
import { type AnySampler, demand } from "@otel-health/core";
import { demandOptions } from "./options.ts";

/** Options of `traffic.recordOnly()`. */
export interface RecordOnlyOptions {
  /** Kinds of spans that are recorded in any case; default all but INTERNAL. */
  readonly kinds?: readonly SpanKind[];
}

/** The spans of requests and of calls. */
const watchedKinds: readonly SpanKind[] = [SpanKind.SERVER, SpanKind.CLIENT, SpanKind.PRODUCER, SpanKind.CONSUMER];

/**
 * A sampler that lets `sampler` decide what is exported, and has the spans of requests and calls recorded where that
 * would drop them: span processors see those, exporters don't.
 */
export function recordOnly<S extends AnySampler>(
  sampler: S,
  options: RecordOnlyOptions = {},
): Pick<S, "shouldSample" | "toString"> {
  demand(typeof sampler?.shouldSample === "function", "sampler of recordOnly()", "a sampler", sampler);
  demandOptions("recordOnly()", options, ["kinds"]);
  const { kinds = watchedKinds } = options;
  const areKinds = Array.isArray(kinds) && kinds.every((kind) => SpanKind[kind] !== undefined);
  demand(areKinds, "kinds of recordOnly()", "an array of span kinds, such as [SpanKind.CLIENT]", kinds);
  const recorded: ReadonlySet<unknown> = new Set(kinds);
  const shouldSample = (...args: never[]): object => {
    const answer = sampler.shouldSample(...args) as { readonly decision?: SamplingDecision };
    if (answer.decision !== SamplingDecision.NOT_RECORD || !recorded.has(args[3])) return answer;
    return { ...answer, decision: SamplingDecision.RECORD };
  };
  return { shouldSample, toString: () => `RecordOnly{${sampler}}` };
}

/** Whether it has the spans of calls recorded. */
export function recordsCalls({ kinds = watchedKinds }: RecordOnlyOptions = {}): boolean {
  return kinds.includes(SpanKind.CLIENT);
}
