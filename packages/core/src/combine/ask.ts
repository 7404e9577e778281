import type { CheckFunction, RunContext } from "../check/check.ts";
import type { Answer } from "../observation/observation.ts";
import type { Outcome } from "../observation/outcome.ts";
import { readReturned, readThrown } from "../observation/read-answer.ts";
import { InnerRun } from "./inner-run.ts";

/** The health object that runs the combination keeps `error.type` a bounded set. */
const anyType = { admit: (candidate: string) => candidate };

/** Runs a part in this very context; whatever it does becomes an answer. Never rejects. */
export async function ask(run: CheckFunction, context: RunContext): Promise<Answer> {
  try {
    return readReturned(await run(context), anyType);
  } catch (thrown) {
    return readThrown(thrown, anyType);
  }
}

/** Runs a part in a context of its own: what it does to that harms nobody else. Never rejects. */
export async function askInside(run: CheckFunction, context: RunContext): Promise<Answer> {
  const inner = new InnerRun(context, context.timeoutMs);
  const answer = await ask(run, inner.context);
  inner.settled();
  return answer;
}

/** An answer as a check gives it. */
export function outcomeOf({ outcome, message, hint, errorType, fault, retryAfterMs }: Answer): Outcome {
  return {
    status: outcome,
    ...(message !== undefined && { message }),
    ...(hint !== undefined && { hint }),
    ...(errorType !== undefined && { errorType }),
    ...(fault !== undefined && { fault }),
    ...(retryAfterMs > 0 && { retryAfterMs }),
  };
}
