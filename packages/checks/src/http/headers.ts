import { fail, HealthError, type Outcome } from "@otel-health/core";

/** What is wrong with headers, without a value: those are secrets. Undefined where they can be sent. */
export function wrongHeaders(headers: unknown): string | undefined {
  const isList = Array.isArray(headers);
  if (typeof headers !== "object" || headers === null || isList || "then" in headers)
    return `must be an object of strings, got ${kindOf(headers)}`;
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value !== "string") return `must be strings: ${JSON.stringify(name)} is ${kindOf(value)}`;
    try {
      new Headers([[name, value]]);
    } catch {
      return `must be valid: of ${JSON.stringify(name)} the name or the value has a character that no header may have`;
    }
  }
  return undefined;
}

/** Throws `invalid_option` for what is neither headers that can be sent nor a function that returns them. */
export function demandHeaders(where: string, headers: unknown): void {
  if (headers === undefined || typeof headers === "function") return;
  const wrong = wrongHeaders(headers);
  if (wrong !== undefined) throw new HealthError("invalid_option", `headers of ${where} ${wrong}`);
}

/** Of a function that returned headers that cannot be sent. */
export function headersRefused(where: string, wrong: string): Outcome {
  return fail(`what headers of ${where} returns ${wrong}`, {
    errorType: "invalid_headers",
    fault: "persistent",
    hint: "a token has to be at hand when it is asked for, without a line break in it: renew it elsewhere",
  });
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object") return "then" in value ? "a promise" : "an object";
  return `a ${typeof value}`;
}
