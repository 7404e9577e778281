import { diag } from "@opentelemetry/api";

/** Calls what is not ours. An SDK, an exporter or a listener that throws is reported through `diag` and changes nothing. */
export function guarded<T>(what: string, call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    complain(what, error);
    return undefined;
  }
}

/** Takes what came back from where nothing is awaited: a promise among it that rejects is reported, not unhandled. */
export function attend(what: string, returned: unknown): void {
  if (typeof returned !== "object" || returned === null) return;
  (async () => returned)().catch((error) => complain(what, error));
}

/** Reports a problem of telemetry or of a listener through OpenTelemetry's own channel. Never throws. */
export function complain(what: string, problem: unknown): void {
  try {
    diag.error(`otel-health: ${what}`, problem);
  } catch {
    // A diag logger that throws leaves nobody to tell.
  }
}
