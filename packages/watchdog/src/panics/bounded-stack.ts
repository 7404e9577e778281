import { redact } from "@otel-health/core";

/** Lines that are kept. */
const mostLines = 20;
const mostIndented = 8;

/** The beginning of an error's stack, each line bounded and without credentials; undefined for what has none. */
export function boundedStack(error: unknown): string | undefined {
  try {
    const { stack } = error as { readonly stack?: unknown };
    if (typeof stack !== "string") return undefined;
    return stack.split("\n", mostLines).map(boundedLine).join("\n");
  } catch {
    return undefined;
  }
}

function boundedLine(line: string): string {
  const [indent = ""] = /^ */.exec(line) ?? [];
  return `${indent.slice(0, mostIndented)}${redact(line)}`;
}
