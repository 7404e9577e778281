import type { NamedStack } from "../block/named-stack.ts";
import type { BlockCause } from "../capture/block-cause.ts";
import { attributes, events } from "../semconv.ts";
import { longestLineBytes } from "./standard-error.ts";

/** Why whoever watches the process may end it. */
export interface KillReason {
  /** Wall milliseconds. */
  readonly at: number;
  readonly message: string;
  /** What it is told as; default that liveness fails. */
  readonly event?: string;
  /** What the loop's thread does, where it is for the loop. */
  readonly cause?: BlockCause["cause"] | undefined;
  readonly stack?: NamedStack | undefined;
}

/** The reason as a person reads it where the process ended. */
export function killText({ at, message, cause, stack }: KillReason): string {
  const how = cause === undefined ? "" : ` (${cause})`;
  return `${new Date(at).toISOString()} ${message}${how}\n${stack === undefined ? "" : `${stack.stacktrace}\n`}`;
}

/** The reason as one line of JSON that a pipe takes in one piece; a stack that is too long for that loses its end. */
export function killLine(reason: KillReason): string {
  const whole = written(reason);
  if (fits(whole)) return whole;
  const { message, stack } = reason;
  const calls = stack?.stacktrace.split("\n") ?? [];
  for (let kept = calls.length - 1; kept > 0; kept--) {
    const shorter = written({ ...reason, stack: { ...stack, stacktrace: calls.slice(0, kept).join("\n") } });
    if (fits(shorter)) return shorter;
  }
  const short = (text: string | undefined) => text?.slice(0, longestText);
  const { functionName, filePath, lineNumber } = stack ?? {};
  return written(
    { ...reason, message: short(message) ?? "", stack: undefined },
    { functionName: short(functionName), filePath: short(filePath), lineNumber },
  );
}

/** In characters, each of which may take six bytes: three such texts leave room for the rest. */
const longestText = 200;

function fits(line: string): boolean {
  return Buffer.byteLength(line) < longestLineBytes;
}

function written(
  { at, message, event = events.livenessFailed, cause, stack }: KillReason,
  { functionName, filePath, lineNumber }: Partial<NamedStack> = stack ?? {},
): string {
  return JSON.stringify({
    timestamp: new Date(at).toISOString(),
    severity: "FATAL",
    event,
    message,
    [attributes.blockCause]: cause,
    [attributes.codeFunctionName]: functionName,
    [attributes.codeFilePath]: filePath,
    [attributes.codeLineNumber]: lineNumber,
    [attributes.codeStacktrace]: stack?.stacktrace,
  });
}
