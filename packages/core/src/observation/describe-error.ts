import { show } from "../option-reader.ts";

/** How far a chain of causes is followed: a cycle or a tower of wrappers must end. */
const deepest = 4;

/** A thrown value in words, with the most telling type that it or its causes carry. */
export interface ErrorDescription {
  readonly message: string;
  readonly errorType: string;
}

/** Describes anything that can be thrown. Getters that throw are the caller's to catch. */
export function describeError(thrown: unknown): ErrorDescription {
  const messages: string[] = [];
  let errorType = "";
  const first = readError(thrown);
  let error = first;
  for (let depth = 1; error !== undefined; depth++) {
    const { message, code } = error;
    if (message !== "" && !messages.some((earlier) => earlier.includes(message))) messages.push(message);
    // The deepest code is the most telling: `fetch failed` wraps ECONNREFUSED.
    if (code !== "") errorType = code;
    error = depth < deepest ? readError(error.cause) : undefined;
  }
  const what = typeof thrown === "string" ? thrown : show(thrown);
  return {
    message: messages.join(": ") || first?.name || `threw ${what}`,
    errorType: errorType || first?.name || "_OTHER",
  };
}

interface ReadError {
  readonly name: string;
  readonly message: string;
  readonly code: string;
  readonly cause: unknown;
}

/**
 * An error, or what has its shape: those of another realm and of some clients are no instances of `Error`. Each
 * property is read once, and is "" where it is no string.
 */
function readError(value: unknown): ReadError | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { name, message, code, cause, errors } = value as Readonly<Record<string, unknown>>;
  if (typeof message !== "string" && !(value instanceof Error)) return undefined;
  // Node's connect to a name with two addresses fails with an empty message and one error for each address.
  return { name: text(name), message: text(message) || inner(errors), code: text(code), cause };
}

function inner(errors: unknown): string {
  if (!Array.isArray(errors)) return "";
  return errors
    .slice(0, 3)
    .map((error) => readError(error)?.message || show(error))
    .join("; ");
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
