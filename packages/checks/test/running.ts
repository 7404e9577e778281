import type { FunctionCheck, Outcome } from "@otel-health/core";
import { FakeClock } from "@otel-health/core/testing";

/** One run of a check, whose time is the test's. */
export class Running {
  readonly clock: FakeClock;
  readonly outcome: Promise<Outcome | undefined>;
  readonly #controller = new AbortController();

  constructor(check: FunctionCheck, clock: FakeClock = new FakeClock(), timeoutMs = 2_000) {
    this.clock = clock;
    const { signal } = this.#controller;
    this.outcome = Promise.resolve(check.run({ signal, clock, timeoutMs })).then((outcome) => outcome ?? undefined);
  }

  /** The deadline has passed. */
  abort(): void {
    this.#controller.abort(new DOMException("no answer within 2000 ms", "TimeoutError"));
  }
}

/** What one run answers. */
export function outcomeOf(check: FunctionCheck, clock?: FakeClock): Promise<Outcome | undefined> {
  return new Running(check, clock).outcome;
}

/** What is thrown, in words. */
export function complaint(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return (error as Error).message;
  }
  return "nothing was thrown";
}
