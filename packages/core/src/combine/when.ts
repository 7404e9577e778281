import type { FunctionCheck, RunContext } from "../check/check.ts";
import { HealthError } from "../health-error.ts";
import { fail, type Outcome, pass } from "../observation/outcome.ts";
import { show } from "../option-reader.ts";
import { askInside, outcomeOf } from "./ask.ts";
import { InnerRun } from "./inner-run.ts";
import { inPlaceOf, type Part, readPart } from "./part.ts";

/** Whether a check applies now. */
export type Condition = (context: RunContext) => boolean | Promise<boolean>;

/** The check, asked only while `condition` holds; otherwise it passes. A condition that throws fails. */
export function when(condition: Condition, check: Part): FunctionCheck {
  if (typeof condition !== "function")
    throw new HealthError("invalid_option", `condition of when() must be a function, got ${show(condition)}`);
  const part = readPart("check of when()", check);
  return inPlaceOf(part, async (context): Promise<Outcome> => {
    // A context of its own here as well.
    const inner = new InnerRun(context, context.timeoutMs);
    const holds: unknown = await (async () => condition(inner.context))().finally(() => inner.settled());
    if (holds === true) return outcomeOf(await askInside(part.run, context));
    if (holds === false) return pass("does not apply");
    return fail(`the condition answered ${show(holds)}`, {
      errorType: "invalid_outcome",
      hint: "a condition of when() answers true or false",
    });
  });
}
