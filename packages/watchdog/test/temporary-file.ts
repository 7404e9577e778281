import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** The path of a file that is not there yet, in a folder that is gone when the test is. */
export function temporaryFile(): string {
  const folder = mkdtempSync(join(tmpdir(), "otel-health-watchdog-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "file");
}
