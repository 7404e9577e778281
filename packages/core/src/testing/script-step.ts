import type { CheckFunction, RunContext } from "../check/check.ts";
import { HealthError } from "../health-error.ts";
import type { Outcome, OutcomeStatus } from "../observation/outcome.ts";
import { OptionReader, show } from "../option-reader.ts";

/** What one run of a scripted check does: it answers, throws the error, or is whatever the function makes of it. */
export type ScriptStep = Outcome | Error | CheckFunction;

const statuses: readonly OutcomeStatus[] = ["pass", "warn", "fail"];

/** Does what `step` says. */
export async function perform(step: ScriptStep, context: RunContext): Promise<Awaited<ReturnType<CheckFunction>>> {
  if (step instanceof Error) throw step;
  return typeof step === "function" ? step(context) : step;
}

/** A step that never settles and ignores its signal, as many a client without a timeout of its own does. */
export const hang: CheckFunction = () => new Promise<void>(() => {});

/** A step that does what `step` says `ms` milliseconds on the health object's clock later, and ignores its signal. */
export function delayed(ms: number, step: ScriptStep): CheckFunction {
  const delayMs = new OptionReader("delayed()", { ms }).ms("ms", undefined);
  const then = readStep("delayed()", step);
  return async (context) => {
    await new Promise<void>((resolve) => void context.clock.setTimer(resolve, delayMs, false));
    return perform(then, context);
  };
}

/** A step that does what `step` says, and gives up with its signal's reason when that fires first. */
export function abortable(step: ScriptStep): CheckFunction {
  const then = readStep("abortable()", step);
  return (context) =>
    new Promise((resolve, reject) => {
      context.signal.addEventListener("abort", () => reject(context.signal.reason), { once: true });
      perform(then, context).then(resolve, reject);
    });
}

/** `step`, if it is one. Throws `HealthError`. */
export function readStep(where: string, step: ScriptStep): ScriptStep {
  if (typeof step === "function" || step instanceof Error || statuses.includes(step?.status)) return step;
  throw new HealthError(
    "invalid_option",
    `a step of ${where} must be pass(), warn(), fail(), an error to throw or a check function, got ${show(step)}`,
  );
}
