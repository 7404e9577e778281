import type { CheckFunction, RunContext } from "../check/check.ts";
import type { Answer } from "../observation/observation.ts";
import { failed } from "../observation/read-answer.ts";
import { ask } from "./ask.ts";
import { InnerRun } from "./inner-run.ts";
import { wait } from "./wait.ts";

/** Runs a part with a deadline of its own: then its signal fires, and what it still answers is dropped. */
export async function withinTime(run: CheckFunction, context: RunContext, timeoutMs: number): Promise<Answer> {
  using inner = new InnerRun(context, Math.min(timeoutMs, context.timeoutMs));
  const answer = await wait(context, timeoutMs, ask(run, inner.context));
  if (typeof answer !== "string") return answer;
  const message = answer === "elapsed" ? `no answer within ${timeoutMs} ms` : "the run was aborted";
  inner.abort(new DOMException(message, answer === "elapsed" ? "TimeoutError" : "AbortError"));
  return failed(message, undefined, answer === "elapsed" ? "timeout" : "AbortError", "transient", 0);
}
