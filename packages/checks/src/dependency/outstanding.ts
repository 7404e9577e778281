import type { Clock } from "@otel-health/core";
import { untilAborted } from "./until-aborted.ts";

/** Questions that were never answered; more of them would only pile up in the driver. */
const most = 3;
/** Milliseconds after which the oldest of them makes room for another: what a driver has lost is never answered. */
const lostAfterMs = 60_000;

/** What a question is asked with. */
export interface Asking {
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/**
 * Questions to a driver that cannot take one back. A run that gives up leaves its question with the driver, so no more
 * than three are out at a time; with three out a run waits for those, and any answer that comes is as good as its own:
 * the dependency has given it now.
 */
export class Outstanding<T> {
  readonly #unwanted: (answer: T) => void;
  /** When each was asked. */
  #out: { readonly at: number }[] = [];
  readonly #waiting = new Set<PromiseWithResolvers<T>>();

  /** `unwanted` is given an answer that nobody waits for any more, such as a connection that has to go back. */
  constructor(unwanted: (answer: T) => void = () => {}) {
    this.#unwanted = unwanted;
  }

  /** How many are out: asked, and not answered. */
  get size(): number {
    return this.#out.length;
  }

  /** Resolves to the first answer, or rejects with the question's own error or the signal's reason. */
  async ask({ signal, clock }: Asking, question: () => PromiseLike<T>): Promise<T> {
    const waiter = Promise.withResolvers<T>();
    this.#waiting.add(waiter);
    let answered = false;
    try {
      const now = clock.now();
      const [oldest] = this.#out;
      if (oldest !== undefined && this.#out.length >= most && now - oldest.at >= lostAfterMs) this.#out.shift();
      if (this.#out.length < most) this.#ask(waiter, question, now);
      const answer = await untilAborted(signal, waiter.promise);
      answered = true;
      return answer;
    } finally {
      this.#waiting.delete(waiter);
      // It may have been given in the very moment in which the run was given up.
      if (!answered) waiter.promise.then((answer) => this.#handOver(answer)).catch(() => {});
    }
  }

  #ask(asker: PromiseWithResolvers<T>, question: () => PromiseLike<T>, at: number): void {
    const asked = { at };
    this.#out.push(asked);
    const settled = () => {
      this.#out = this.#out.filter((other) => other !== asked);
    };
    new Promise<T>((resolve) => resolve(question())).then(
      (answer) => {
        settled();
        const [first] = this.#waiting;
        if (first === undefined) return this.#handOver(answer);
        this.#waiting.delete(first);
        first.resolve(answer);
      },
      (error: unknown) => {
        settled();
        asker.reject(error);
        // Who could not ask waits for the others' answers; with one of them lost it may as well hear why.
        for (const waiter of this.#out.length === 0 ? this.#waiting : []) waiter.reject(error);
      },
    );
  }

  /** What a driver throws when it is given something back is nobody's any more. */
  #handOver(answer: T): void {
    try {
      this.#unwanted(answer);
    } catch {
      // The connection is gone with its pool.
    }
  }
}
