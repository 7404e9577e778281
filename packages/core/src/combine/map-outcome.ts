import type { CheckFunction, FunctionCheck, RunContext } from "../check/check.ts";
import { HealthError } from "../health-error.ts";
import type { Outcome } from "../observation/outcome.ts";
import { show } from "../option-reader.ts";
import { askInside, outcomeOf } from "./ask.ts";
import { inPlaceOf, type Part, readPart } from "./part.ts";

/** Makes another outcome of one; what it throws or returns counts as if the check had. */
export type MapOutcome = (outcome: Outcome, context: RunContext) => ReturnType<CheckFunction>;

/** The check, whose every outcome, failures included, is what `map` makes of it. */
export function mapOutcome(check: Part, map: MapOutcome): FunctionCheck {
  const part = readPart("check of mapOutcome()", check);
  if (typeof map !== "function")
    throw new HealthError("invalid_option", `map of mapOutcome() must be a function, got ${show(map)}`);
  return inPlaceOf(part, async (context) => {
    const outcome = outcomeOf(await askInside(part.run, context));
    return outcomeOf(await askInside((inner) => map(outcome, inner), context));
  });
}
