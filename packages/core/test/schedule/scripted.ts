import { type Clock, fail, type Outcome, type OutcomeStatus, pass, type RunContext, warn } from "@otel-health/core";

/** What one run of a scripted check does. */
export interface Script {
  /** Milliseconds until it settles; `Infinity` for never. */
  readonly afterMs: number;
  readonly answer: OutcomeStatus;
  readonly retryAfterMs?: number;
  /** Settles when its signal fires; default false. */
  readonly heeds?: boolean;
}

/** A run as the check function saw it: monotonic milliseconds. */
export interface SeenRun {
  readonly startedAt: number;
  readonly script: Script;
  abortedAt: number | undefined;
  settledAt: number | undefined;
}

/** A check function that does what it is told and writes down what was done to it. */
export class Scripted {
  readonly runs: SeenRun[] = [];
  readonly #next: (run: number) => Script;

  constructor(next: Script | ((run: number) => Script)) {
    this.#next = typeof next === "function" ? next : () => next;
  }

  readonly run = ({ signal, clock }: RunContext): Promise<Outcome> => {
    const script = this.#next(this.runs.length);
    const seen: SeenRun = { startedAt: clock.now(), script, abortedAt: undefined, settledAt: undefined };
    this.runs.push(seen);
    return new Promise((resolve, reject) => {
      if (script.afterMs < Number.POSITIVE_INFINITY) {
        clock.setTimer(() => settle(clock, seen, () => resolve(outcome(script))), script.afterMs, false);
      }
      signal.addEventListener("abort", () => {
        seen.abortedAt = clock.now();
        if (script.heeds) settle(clock, seen, () => reject(signal.reason));
      });
    });
  };

  /** When each run began. */
  get starts(): readonly number[] {
    return this.runs.map(({ startedAt }) => startedAt);
  }
}

function settle(clock: Clock, seen: SeenRun, done: () => void): void {
  seen.settledAt ??= clock.now();
  done();
}

function outcome({ answer, retryAfterMs = 0 }: Script): Outcome {
  if (answer === "pass") return { ...pass(), retryAfterMs };
  return answer === "warn" ? warn("so so", { retryAfterMs }) : fail("down", { retryAfterMs });
}
