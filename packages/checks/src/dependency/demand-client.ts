import { HealthError, redact } from "@otel-health/core";

/** Throws `invalid_option` unless `client` is `good`: what the application uses, and the kind that `expected` names. */
export function demandClient(where: string, client: unknown, expected: string, good: boolean): void {
  if (good) return;
  const mend = client === undefined || client === null ? "; create the client before the check" : "";
  throw new HealthError("invalid_option", `client of ${where} must be ${expected}, got ${kindOf(client)}${mend}`);
}

/** Throws `invalid_option` for a client that was closed before it got here: it can never be healthy again. */
export function demandOpen(where: string, open: boolean): void {
  if (open) return;
  throw new HealthError("invalid_option", `client of ${where} is closed already; give it the one that is in use`);
}

/** Whether a value has all these methods. */
export function has(value: unknown, ...methods: readonly string[]): boolean {
  if ((typeof value !== "object" || value === null) && typeof value !== "function") return false;
  return methods.every((method) => typeof (value as Readonly<Record<string, unknown>>)[method] === "function");
}

/** "an object" helps nobody who has passed the client of another driver; the name of its class does. */
function kindOf(client: unknown): string {
  if (typeof client === "function") return "a function";
  // An address in its place may have a password in it.
  if (typeof client === "string") return JSON.stringify(redact(client, 80));
  if (typeof client !== "object" || client === null) return String(client);
  const { name } = client.constructor ?? {};
  return typeof name === "string" && name !== "" && name !== "Object" ? `an instance of ${name}` : "an object";
}
