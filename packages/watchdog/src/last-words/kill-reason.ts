import type { CapturedStack } from "../block/captured-stack.ts";
import { attributes, events } from "../semconv.ts";
import { longestLineBytes } from "./standard-error.ts";

/** Why whoever watches the process may end it. */
export interface KillReason {
  /** Wall milliseconds. */
  readonly at: number;
  readonly message: string;
  readonly stack?: CapturedStack | undefined;
}

/** The reason as a person reads it where the process ended. */
export function killText({ at, message, stack }: KillReason): string {
  return `${new Date(at).toISOString()} ${message}\n${stack === undefined ? "" : `${stack.stacktrace}\n`}`;
}

/** The reason as one line of JSON that a pipe takes in one piece; a stack that is too long for that loses its end. */
export function killLine({ at, message, stack }: KillReason): string {
  const line = (stacktrace: string | undefined, message: string) =>
    JSON.stringify({
      timestamp: new Date(at).toISOString(),
      severity: "FATAL",
      event: events.livenessFailed,
      message,
      [attributes.functionName]: stack?.functionName,
      [attributes.filePath]: stack?.filePath,
      [attributes.lineNumber]: stack?.lineNumber,
      [attributes.stacktrace]: stacktrace,
    });
  const fits = (text: string) => Buffer.byteLength(text) < longestLineBytes;
  const whole = line(stack?.stacktrace, message);
  if (fits(whole)) return whole;
  const calls = stack?.stacktrace.split("\n") ?? [];
  for (let kept = calls.length - 1; kept > 0; kept--) {
    const shorter = line(calls.slice(0, kept).join("\n"), message);
    if (fits(shorter)) return shorter;
  }
  return line(undefined, message.slice(0, longestLineBytes / 8));
}
