import { diag } from "@opentelemetry/api";

/** Reports a problem that is nobody's to handle through OpenTelemetry's own channel. Never throws. */
export function complain(what: string, problem: unknown): void {
  try {
    diag.error(`otel-health: ${what}`, problem);
  } catch {
    // A diag logger that throws leaves nobody to tell.
  }
}

/** Does what must not throw into the application's loop. */
export function guarded(what: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    complain(what, error);
  }
}
