import type { CheckFunction, RunContext } from "../check/check.ts";
import type { Answer } from "../observation/observation.ts";
import { failed } from "../observation/read-answer.ts";
import { ask } from "./ask.ts";
import { InnerRun } from "./inner-run.ts";
import { wait } from "./wait.ts";

/** Runs a part with a deadline of its own: then its signal fires, and what it still answers is dropped. */
export async function withinTime(run: CheckFunction, context: RunContext, timeoutMs: number): Promise<Answer> {
  const inner = new InnerRun(context, Math.min(timeoutMs, context.timeoutMs));
  const answer = await wait(context, timeoutMs, ask(run, inner.context));
  inner.settled();
  if (typeof answer !== "string") return answer;
  const elapsed = answer === "elapsed";
  const message = elapsed ? `no answer within ${timeoutMs} ms` : "the run was aborted";
  inner.abort(new DOMException(message, elapsed ? "TimeoutError" : "AbortError"));
  return failed(message, undefined, elapsed ? "timeout" : "AbortError", "transient", 0);
}
