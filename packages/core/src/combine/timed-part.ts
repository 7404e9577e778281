import type { CheckFunction, RunContext } from "../check/check.ts";
import type { Answer } from "../observation/observation.ts";
import { failed } from "../observation/read-answer.ts";
import { ask } from "./ask.ts";
import { InnerRun } from "./inner-run.ts";
import { wait } from "./wait.ts";

/** Runs that were given up and have not settled; more of them would only pile up. */
const mostLeftBehind = 3;

/** Milliseconds between trials of a part that has left so many behind. */
const trialEveryMs = 300_000;

/** A part with a deadline of its own: then its signal fires, it has failed, and what it still answers is dropped. */
export class TimedPart {
  readonly #run: CheckFunction;
  #leftBehind = 0;
  #trialAt = Number.NEGATIVE_INFINITY;

  constructor(run: CheckFunction) {
    this.#run = run;
  }

  /** Its answer within `timeoutMs`. Where the whole run is aborted it is left to whoever aborted that. Never rejects. */
  async ask(context: RunContext, timeoutMs: number): Promise<Answer> {
    const { clock } = context;
    if (this.#leftBehind >= mostLeftBehind && clock.now() < this.#trialAt) return this.#stuck(timeoutMs);
    const inner = new InnerRun(context, Math.min(timeoutMs, context.timeoutMs));
    const work = ask(this.#run, inner.context).finally(() => inner.settled());
    const answer = await wait(context, timeoutMs, work);
    // The schedule counts the runs that it has given up: one that settles without its parts would not be counted.
    if (answer === "aborted") return work;
    if (answer !== "elapsed") return answer;
    inner.abort(new DOMException(`no answer within ${timeoutMs} ms`, "TimeoutError"));
    this.#leftBehind++;
    this.#trialAt = clock.now() + trialEveryMs;
    void work.then(() => this.#leftBehind--);
    if (this.#leftBehind >= mostLeftBehind) return this.#stuck(timeoutMs);
    return failed(`no answer within ${timeoutMs} ms`, undefined, "timeout", "transient", 0);
  }

  #stuck(timeoutMs: number): Answer {
    const message = `no answer within ${timeoutMs} ms, and ${this.#leftBehind} runs never settled`;
    const hint = "the check ignores its signal and never settles; it is tried again once in a while";
    return failed(message, hint, "stuck", "transient", 0);
  }
}
