import type { FunctionCheck } from "../check/check.ts";
import { resolveCheck } from "../check/resolve-check.ts";
import { HealthError } from "../health-error.ts";
import { show } from "../option-reader.ts";
import { type CombinationOptions, combinationOptions, PartSet, type Parts } from "./parts.ts";
import { judgeQuorum } from "./verdict.ts";

/**
 * One check of several that stand in for each other: fails if fewer than `needed` of them do, and warns while any has
 * failed: redundancy that is lost is seen before it is missed. Asked as by `all()`.
 */
export function quorum(needed: number, parts: Parts, options: CombinationOptions = {}): FunctionCheck {
  return quorumOf("quorum()", needed, parts, options);
}

/** One check of several of which one suffices: `quorum(1, …)`. */
export function any(parts: Parts, options: CombinationOptions = {}): FunctionCheck {
  return quorumOf("any()", 1, parts, options);
}

function quorumOf(where: string, needed: number, parts: Parts, options: CombinationOptions): FunctionCheck {
  const set = new PartSet(where, parts, combinationOptions(where, options));
  if (!Number.isInteger(needed) || needed < 1 || needed > set.size)
    throw new HealthError(
      "invalid_option",
      `${where} needs a whole number from 1 to ${set.size}, as many as there are checks, got ${show(needed)}`,
    );
  const { optional } = set;
  if (optional !== undefined)
    throw new HealthError(
      "contradictory_options",
      `part ${show(optional)} of ${where} says critical: false, but all of them count alike; take that away`,
    );
  const check: FunctionCheck = {
    ...options,
    ...set.marks,
    run: async (context) => judgeQuorum(needed, await set.ask(context)),
  };
  resolveCheck(where, check);
  return check;
}
