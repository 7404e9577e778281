import { join } from "node:path";
import { Child } from "@otel-health/testkit";
import type { Line } from "./cell-result.ts";
import type { Fault } from "./fault.ts";

/** Runs cells of a subject, all unless some are named, in a process of its own; resolves to what they said, in order. */
export async function runSubject(name: string, ...only: readonly Fault[]): Promise<readonly Line[]> {
  const script = join(import.meta.dirname, "subject-process.ts");
  await using child = new Child({ command: process.execPath, args: [script, name, ...only] });
  const { code, signal } = await child.exited;
  if (code !== 0) throw new Error(`${name} ended with ${signal ?? code}:\n${child.output}`);
  return child.stdout.map((line) => JSON.parse(line) as Line);
}
