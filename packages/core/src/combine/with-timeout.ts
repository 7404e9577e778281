import type { FunctionCheck } from "../check/check.ts";
import { OptionReader } from "../option-reader.ts";
import { outcomeOf } from "./ask.ts";
import { inPlaceOf, type Part, readPart } from "./part.ts";
import { TimedPart } from "./timed-part.ts";

/** The check, which fails as timed out `timeoutMs` (milliseconds) after its run began: sooner than the run itself would. */
export function withTimeout(check: Part, options: { readonly timeoutMs: number }): FunctionCheck {
  const part = readPart("check of withTimeout()", check);
  const reader = new OptionReader("withTimeout()", options);
  const timeoutMs = reader.ms("timeoutMs", undefined, 1);
  reader.done();
  const timed = new TimedPart(part.run);
  return inPlaceOf(part, async (context) => outcomeOf(await timed.ask(context, timeoutMs)));
}
