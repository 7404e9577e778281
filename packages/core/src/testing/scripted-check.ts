import type { CheckFunction, FunctionCheck, RunContext } from "../check/check.ts";
import { HealthError } from "../health-error.ts";
import { perform, readStep, type ScriptStep } from "./script-step.ts";

/** One run as the check function saw it. Times are milliseconds of the health object's clock. */
export interface ScriptedRun {
  /** What it did. */
  readonly step: ScriptStep;
  readonly startedAt: number;
  /** When its signal fired; undefined as long as it has not. */
  readonly abortedAt: number | undefined;
  /** When it returned or threw; undefined as long as it has not. */
  readonly settledAt: number | undefined;
}

/**
 * A check whose answers a test writes down, made by {@link scripted}. Its options are added by
 * `{ ...check, intervalMs: 5_000 }`; a check function that is wanted alone is `check.run`.
 */
export class ScriptedCheck implements FunctionCheck {
  readonly run: (context: RunContext) => Promise<Awaited<ReturnType<CheckFunction>>>;
  readonly #runs: ScriptedRun[] = [];
  #steps: readonly ScriptStep[];
  #next = 0;

  constructor(steps: readonly ScriptStep[]) {
    this.#steps = readSteps("scripted()", steps);
    this.run = (context) => this.#perform(context);
  }

  /** All runs so far, in the order in which they began. */
  get runs(): readonly ScriptedRun[] {
    return this.#runs;
  }

  /** When each run began, milliseconds of the health object's clock. */
  get starts(): readonly number[] {
    return this.#runs.map(({ startedAt }) => startedAt);
  }

  /** Runs that have begun and not settled, also those that the health object has given up. */
  get underWay(): number {
    return this.#runs.filter(({ settledAt }) => settledAt === undefined).length;
  }

  /** From the next run on these steps are done instead of what is left; the last one repeats. Throws `HealthError`. */
  set(...steps: readonly ScriptStep[]): void {
    this.#steps = readSteps("set()", steps);
    this.#next = 0;
  }

  /** These steps are done after those that are left, each of those once; the last one repeats. Throws `HealthError`. */
  append(...steps: readonly ScriptStep[]): void {
    this.#steps = [...this.#steps, ...readSteps("append()", steps)];
  }

  async #perform(context: RunContext): Promise<Awaited<ReturnType<CheckFunction>>> {
    const { clock, signal } = context;
    const step = this.#steps[Math.min(this.#next, this.#steps.length - 1)] as ScriptStep;
    // No further than one past the last: what is appended comes next, however often the last one was repeated.
    this.#next = Math.min(this.#next + 1, this.#steps.length);
    const run: Mutable<ScriptedRun> = { step, startedAt: clock.now(), abortedAt: undefined, settledAt: undefined };
    this.#runs.push(run);
    signal.addEventListener("abort", () => {
      run.abortedAt = clock.now();
    });
    try {
      return await perform(step, context);
    } finally {
      run.settledAt = clock.now();
    }
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A check that does one step a run: in order, and the last one again and again. Throws `HealthError`. */
export function scripted(...steps: readonly ScriptStep[]): ScriptedCheck {
  return new ScriptedCheck(steps);
}

function readSteps(where: string, steps: readonly ScriptStep[]): readonly ScriptStep[] {
  if (steps.length === 0)
    throw new HealthError("invalid_option", `${where} takes at least one step: what each run does, for example pass()`);
  return steps.map((step) => readStep(where, step));
}
