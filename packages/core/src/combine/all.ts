import type { FunctionCheck } from "../check/check.ts";
import { resolveCheck } from "../check/resolve-check.ts";
import { type CombinationOptions, combinationOptions, PartSet, type Parts } from "./parts.ts";
import { judgeAll } from "./verdict.ts";

/**
 * One check of several: passes if all of them do, and fails if one fails, save one that says `critical: false`, whose
 * failure only warns. They are asked at once; one that has not answered after four fifths of the run's time has failed.
 */
export function all(parts: Parts, options: CombinationOptions = {}): FunctionCheck {
  const where = "all()";
  const set = new PartSet(where, parts, combinationOptions(where, options));
  const check: FunctionCheck = {
    ...options,
    ...set.marks,
    run: async (context) => judgeAll(await set.ask(context)),
  };
  resolveCheck(where, check);
  return check;
}
