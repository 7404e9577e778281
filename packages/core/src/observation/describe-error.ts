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
  if (!(thrown instanceof Error)) {
    return { message: `threw ${typeof thrown === "string" ? thrown : show(thrown)}`, errorType: "_OTHER" };
  }
  const messages: string[] = [];
  let errorType: string | undefined;
  let error: unknown = thrown;
  for (let depth = 0; depth < deepest && error instanceof Error; depth++) {
    const message = messageOf(error);
    if (message !== "" && !messages.some((earlier) => earlier.includes(message))) messages.push(message);
    const code = codeOf(error);
    // The deepest code is the most telling: `fetch failed` wraps ECONNREFUSED.
    if (code !== undefined) errorType = code;
    error = error.cause;
  }
  return { message: messages.join(": ") || thrown.name, errorType: errorType ?? thrown.name };
}

function messageOf(error: Error): string {
  if (typeof error.message === "string" && error.message !== "") return error.message;
  // Node's connect to a name with two addresses fails with an empty message and one error for each address.
  if (error instanceof AggregateError) {
    return error.errors
      .slice(0, 3)
      .map((inner) => (inner instanceof Error ? inner.message : show(inner)))
      .join("; ");
  }
  return "";
}

function codeOf(error: Error): string | undefined {
  const code: unknown = "code" in error ? error.code : undefined;
  return typeof code === "string" && code !== "" ? code : undefined;
}
