import type { CheckFunction, FunctionCheck, ThresholdCheck } from "../check/check.ts";
import { resolveCheck } from "../check/resolve-check.ts";
import { HealthError } from "../health-error.ts";
import { isRecord, show } from "../option-reader.ts";

/** What can be combined: a check that is run. What is told (heartbeat, push, gate) is registered by itself. */
export type Part = CheckFunction | FunctionCheck | ThresholdCheck;

/** A part, validated. */
export interface ReadPart {
  readonly run: CheckFunction;
  /** As it was given; undefined where it has not said. */
  readonly external: boolean | undefined;
  /** Everything else that it says, for a combination that goes on in its place. */
  readonly options: Omit<FunctionCheck, "run" | "external" | "kind">;
}

/** Validates a part. Throws `HealthError`, which names it by `where`. */
export function readPart(where: string, part: unknown): ReadPart {
  if (typeof part !== "function" && !isRecord(part))
    throw new HealthError("invalid_option", `${where} must be a check, got ${show(part)}`);
  const check = part as Part;
  const { schedule, kind } = resolveCheck(where, check);
  if (schedule === undefined)
    throw new HealthError(
      "contradictory_options",
      `${where} is a ${kind}, which is not run: register it by itself, and let the probe's aggregate or a group combine them`,
    );
  const { run } = schedule;
  if (typeof check === "function") return { run, external: undefined, options: {} };
  if (check.kind === "threshold") {
    const { kind: _, value: _value, warnAbove: _1, failAbove: _2, warnBelow: _3, failBelow: _4, ...options } = check;
    return { run, external: false, options };
  }
  const { kind: _, run: _run, external, ...options } = check;
  return { run, external, options };
}

/** A check that goes on in the place of another one, with all of its options. */
export function inPlaceOf({ external, options }: ReadPart, run: CheckFunction): FunctionCheck {
  return { ...options, ...(external !== undefined && { external }), run };
}
