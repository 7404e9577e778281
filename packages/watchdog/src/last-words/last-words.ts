import { describeThrown, type Health } from "@otel-health/core";
import { boundedStack } from "../panics/bounded-stack.ts";
import type { Panic } from "../panics/panic.ts";
import { events } from "../semconv.ts";
import { killLine, killText } from "./kill-reason.ts";
import { StandardError } from "./standard-error.ts";
import { TerminationLog } from "./termination-log.ts";

/**
 * Writes what ends the process, and how its readiness was, where whoever looks for the reason of its end will look.
 * Throws what the file system does.
 */
export function writeLastWords(panic: Panic, health: Pick<Health, "report">, terminationLog: string | undefined): void {
  const { message } = describeThrown(panic.error);
  const origin = panic.origin === "uncaughtException" ? "uncaught exception" : "unhandled rejection";
  const { status, message: why } = health.report("readiness");
  const stacktrace = boundedStack(panic.error);
  const reason = {
    at: panic.at,
    event: events.processPanic,
    message: `${origin}: ${message} (readiness was ${status}: ${why})`,
    ...(stacktrace !== undefined && { stack: { stacktrace } }),
  };
  const standardError = new StandardError();
  try {
    if (terminationLog !== undefined) new TerminationLog(terminationLog).write(killText(reason));
  } finally {
    standardError.say(killLine(reason));
    standardError.close();
  }
}
