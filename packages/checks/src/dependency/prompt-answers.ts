import type { RunContext } from "@otel-health/core";
import { Outstanding } from "./outstanding.ts";

interface Answer<T> {
  readonly askedAt: number;
  readonly answer: T;
}

/**
 * Questions to a client that is a single connection, where a late answer comes to whoever waits then. One that took
 * longer than a run may take shows a server that is too slow, and does not count for a later run, which asks again.
 */
export class PromptAnswers<T> {
  #outstanding = new Outstanding<Answer<T>>();

  /** Those that are out were lost with their connection. */
  forget(): void {
    this.#outstanding = new Outstanding();
  }

  /** Resolves to an answer that is not late, or rejects with the question's own error or the signal's reason. */
  async ask({ signal, clock, timeoutMs }: RunContext, question: () => PromiseLike<T>): Promise<T> {
    const asked = async (): Promise<Answer<T>> => {
      const askedAt = clock.now();
      return { askedAt, answer: await question() };
    };
    for (;;) {
      const { askedAt, answer } = await this.#outstanding.ask({ signal, clock }, asked);
      if (!(clock.now() - askedAt > timeoutMs)) return answer;
    }
  }
}
