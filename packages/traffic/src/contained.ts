import { diag } from "@opentelemetry/api";

/**
 * A function that is called in the application's own requests and calls, made harmless: where it throws, `fallback`
 * answers, and the first time is reported through `diag`.
 */
export function contained<A extends readonly unknown[], R>(
  what: string,
  call: (...args: A) => R,
  fallback: (...args: A) => R,
): (...args: A) => R {
  let told = false;
  return (...args) => {
    try {
      return call(...args);
    } catch (error) {
      if (!told) tell(`${what} threw`, error);
      told = true;
      return fallback(...args);
    }
  };
}

/** The same for a question of the user's, whose answer must be true or false. */
export function predicate<A extends readonly unknown[]>(
  what: string,
  ask: (...args: A) => boolean,
  fallback: (...args: A) => boolean,
): (...args: A) => boolean {
  const checked = (...args: A): boolean => {
    const answer: unknown = ask(...args);
    if (typeof answer === "boolean") return answer;
    // A promise that rejects is nobody's: it must not end the process.
    if (answer instanceof Promise) answer.catch(() => {});
    throw new TypeError(`it must answer true or false at once, and answered ${describe(answer)}`);
  };
  return contained(what, checked, fallback);
}

/** Reports through OpenTelemetry's own channel. Never throws. */
export function tell(what: string, problem: unknown): void {
  try {
    diag.error(`otel-health: ${what}`, problem);
  } catch {
    // A diag logger that throws leaves nobody to tell.
  }
}

function describe(value: unknown): string {
  return value instanceof Promise ? "a promise" : typeof value;
}
