import { type DiagLogger, DiagLogLevel, diag } from "@opentelemetry/api";
import { onTestFinished } from "vitest";

/** What is said through OpenTelemetry's own channel from here to the end of the test: `[level, message, problem]`. */
export function collectDiag(): readonly unknown[][] {
  const lines: unknown[][] = [];
  const write =
    (level: string) =>
    (...line: unknown[]) => {
      lines.push([level, ...line]);
    };
  const logger: DiagLogger = {
    error: write("error"),
    warn: write("warn"),
    info: write("info"),
    debug: write("debug"),
    verbose: write("verbose"),
  };
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  onTestFinished(() => diag.disable());
  return lines;
}
