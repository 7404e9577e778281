import type { Clock } from "../clock.ts";
import { complain } from "../telemetry/guard.ts";
import type { HealthRequest } from "./endpoints.ts";

/** Whether a caller may see everything. Anything but true, or a promise of it in time, is a no. */
export type Authorize = (request: HealthRequest) => boolean | Promise<boolean>;

/** Answers that are waited for at once; whoever asks beyond that is refused, since a probe must not pile up work. */
const mostPending = 64;

/** Asks the user's `authorize`, and takes neither forever nor a throw for an answer. */
export class Authorizer {
  readonly #authorize: Authorize;
  readonly #timeoutMs: number;
  readonly #clock: Clock;
  #pending = 0;

  constructor(authorize: Authorize, timeoutMs: number, clock: Clock) {
    this.#authorize = authorize;
    this.#timeoutMs = timeoutMs;
    this.#clock = clock;
  }

  /** The answer, or a promise of it that never rejects and keeps its time. */
  allows(request: HealthRequest): boolean | Promise<boolean> {
    if (this.#pending >= mostPending) return false;
    try {
      const answer: unknown = this.#authorize(request);
      return typeof answer === "object" && answer !== null ? this.#wait(answer) : answer === true;
    } catch (error) {
      complain("authorize threw, so the caller was refused", error);
      return false;
    }
  }

  async #wait(answer: object): Promise<boolean> {
    this.#pending++;
    const { promise, resolve } = Promise.withResolvers<false>();
    const timer = this.#clock.setTimer(() => resolve(false), this.#timeoutMs, false);
    try {
      const settled = (async () => (await answer) as unknown)().catch((error) => {
        complain("authorize rejected, so the caller was refused", error);
        return false;
      });
      return (await Promise.race([settled, promise])) === true;
    } finally {
      this.#clock.clearTimer(timer);
      this.#pending--;
    }
  }
}
