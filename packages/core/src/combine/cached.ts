import type { FunctionCheck, RunContext } from "../check/check.ts";
import type { Clock } from "../clock.ts";
import type { Answer } from "../observation/observation.ts";
import { failed } from "../observation/read-answer.ts";
import { OptionReader } from "../option-reader.ts";
import { ask, outcomeOf } from "./ask.ts";
import { inPlaceOf, type Part, type ReadPart, readPart } from "./part.ts";
import { wait } from "./wait.ts";

/** How long answers are kept. */
export interface CacheOptions {
  /** Milliseconds for which a pass is kept. */
  readonly maxAgeMs: number;
  /** Milliseconds for which anything else is kept, so that recovery is seen soon; default a tenth of `maxAgeMs`. */
  readonly failureMaxAgeMs?: number;
}

/**
 * The check, whose answer is kept for a while: for a dependency that charges by the call, or several checks that ask
 * the same. Runs that overlap share one call, which is aborted when all of them are. What is kept belongs to this
 * very check and to the clock that it runs on: nothing else shares it.
 */
export function cached(check: Part, options: CacheOptions): FunctionCheck {
  const part = readPart("check of cached()", check);
  const reader = new OptionReader("cached()", options);
  const maxAgeMs = reader.ms("maxAgeMs", undefined, 1);
  const failureMaxAgeMs = reader.ms("failureMaxAgeMs", maxAgeMs / 10);
  reader.done();
  if (failureMaxAgeMs > maxAgeMs)
    reader.contradiction(
      `failureMaxAgeMs (${failureMaxAgeMs}) is longer than maxAgeMs (${maxAgeMs}), which would hide a recovery; lower it`,
    );
  const caches = new WeakMap<Clock, Cache>();
  return inPlaceOf(part, async (context) => {
    let cache = caches.get(context.clock);
    if (cache === undefined) {
      cache = new Cache(part, maxAgeMs, failureMaxAgeMs);
      caches.set(context.clock, cache);
    }
    return outcomeOf(await cache.answer(context));
  });
}

/** A rest that a dependency asks for is kept to, but for no longer than a fault is called transient; milliseconds. */
const longestRestMs = 300_000;

interface Call {
  readonly answer: Promise<Answer>;
  readonly controller: AbortController;
  waiting: number;
}

class Cache {
  readonly #part: ReadPart;
  readonly #maxAgeMs: number;
  readonly #failureMaxAgeMs: number;
  #kept: Answer | undefined;
  #keptAt = 0;
  #keptUntil = 0;
  #call: Call | undefined;

  constructor(part: ReadPart, maxAgeMs: number, failureMaxAgeMs: number) {
    this.#part = part;
    this.#maxAgeMs = maxAgeMs;
    this.#failureMaxAgeMs = failureMaxAgeMs;
  }

  async answer(context: RunContext): Promise<Answer> {
    const now = context.clock.now();
    // Of a rest that the dependency asked for, that much is over.
    if (this.#kept !== undefined && now < this.#keptUntil)
      return { ...this.#kept, retryAfterMs: Math.max(0, this.#kept.retryAfterMs - (now - this.#keptAt)) };
    this.#call ??= this.#begin(context);
    const call = this.#call;
    call.waiting++;
    const answer = await wait(context, Number.POSITIVE_INFINITY, call.answer);
    call.waiting--;
    if (typeof answer !== "string") return answer;
    if (call.waiting > 0) return failed("the run was aborted", undefined, "AbortError", "transient", 0);
    // Nobody wants to know any more; whoever asks next asks anew.
    if (this.#call === call) this.#call = undefined;
    call.controller.abort(context.signal.reason);
    // The schedule counts the runs that it has given up: this one is over when its call is.
    return call.answer;
  }

  #begin({ clock, timeoutMs }: RunContext): Call {
    const controller = new AbortController();
    const call: Call = {
      controller,
      waiting: 0,
      answer: ask(this.#part.run, { signal: controller.signal, clock, timeoutMs }).then((answer) => {
        if (this.#call === call) {
          this.#call = undefined;
          this.#kept = answer;
          this.#keptAt = clock.now();
          const ageMs = answer.outcome === "pass" ? this.#maxAgeMs : this.#failureMaxAgeMs;
          this.#keptUntil = this.#keptAt + Math.max(ageMs, Math.min(answer.retryAfterMs, longestRestMs));
        }
        return answer;
      }),
    };
    return call;
  }
}
