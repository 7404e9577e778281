import type { FunctionCheck, RunContext } from "../check/check.ts";
import type { Answer } from "../observation/observation.ts";
import { OptionReader } from "../option-reader.ts";
import { askInside, outcomeOf } from "./ask.ts";
import { inPlaceOf, type Part, readPart } from "./part.ts";
import { wait } from "./wait.ts";

/** How often and when a check is tried again within one run. */
export interface RetryOptions {
  /** Attempts in all, default 3. */
  readonly attempts?: number;
  /** Milliseconds before the second attempt, of which half up to all are waited; default 100. */
  readonly delayMs?: number;
  /** By which the delay grows from one attempt to the next; default 2. */
  readonly factor?: number;
}

/**
 * The check, tried again within the run while it fails. Not after a fatal fault, which waiting cannot mend, nor where
 * the dependency asked for a longer rest. The run's own deadline is over all attempts.
 */
export function withRetry(check: Part, options: RetryOptions = {}): FunctionCheck {
  const part = readPart("check of withRetry()", check);
  const reader = new OptionReader("withRetry()", options);
  const attempts = reader.number("attempts", { min: 1, integer: true, fallback: 3 });
  const delayMs = reader.ms("delayMs", 100);
  const factor = reader.number("factor", { min: 1, max: 100, fallback: 2 });
  reader.done();
  const run = async (context: RunContext): Promise<Answer> => {
    for (let attempt = 1, longest = delayMs; ; attempt++, longest *= factor) {
      const answer = await askInside(part.run, context);
      if (answer.outcome !== "fail" || attempts === 1) return answer;
      const delay = (longest * (1 + context.clock.random())) / 2;
      const over = attempt >= attempts || answer.fault === "fatal" || answer.retryAfterMs > delay;
      if (over || (await wait(context, delay, undefined)) === "aborted")
        return { ...answer, message: `attempt ${attempt} of ${attempts}: ${answer.message}` };
    }
  };
  return inPlaceOf(part, async (context) => outcomeOf(await run(context)));
}
