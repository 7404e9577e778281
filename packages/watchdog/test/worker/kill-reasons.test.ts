import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { TerminationLog } from "../../src/last-words/termination-log.ts";
import { KillReasons } from "../../src/worker/kill-reasons.ts";

function scene() {
  const folder = mkdtempSync(join(tmpdir(), "otel-health-reasons-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "log");
  const lines: string[] = [];
  const problems: unknown[] = [];
  const parts = {
    standardError: { say: (line: string) => void lines.push(JSON.parse(line).message) },
    onProblem: (problem: unknown) => void problems.push(problem),
  };
  const reasons = new KillReasons({ ...parts, terminationLog: new TerminationLog(path) });
  const look = (why?: string) => reasons.look(why, () => ({ at: 0, message: why ?? "none" }));
  return { path, lines, problems, parts, look };
}

describe("KillReasons", () => {
  it("tells a reason once, and takes it back where it is over", () => {
    const { path, lines, look } = scene();
    look();
    expect(lines).toEqual([]);
    for (let i = 0; i < 3; i++) look("stuck");
    expect(lines).toEqual(["stuck"]);
    expect(readFileSync(path, "utf8")).toBe("1970-01-01T00:00:00.000Z stuck\n");
    look();
    look();
    expect(readFileSync(path, "utf8")).toBe("");
    look("stuck");
    expect(lines).toEqual(["stuck", "stuck"]);
  });

  it("tells another reason that takes the place of the first", () => {
    const { path, lines, look } = scene();
    look("stuck");
    look("fatal");
    expect(lines).toEqual(["stuck", "fatal"]);
    expect(readFileSync(path, "utf8")).toBe("1970-01-01T00:00:00.000Z fatal\n");
  });

  it("says that the termination log cannot be written, once for each reason, and tells it on standard error", () => {
    const { lines, problems, parts } = scene();
    const reasons = new KillReasons({ ...parts, terminationLog: new TerminationLog("/nowhere/at/all") });
    for (let i = 0; i < 3; i++) reasons.look("stuck", () => ({ at: 0, message: "stuck" }));
    reasons.look(undefined, () => ({ at: 0, message: "none" }));
    expect(lines).toEqual(["stuck"]);
    expect(problems).toEqual([expect.objectContaining({ code: "ENOENT" })]);
  });

  it("tells it on standard error alone where there is no termination log", () => {
    const { lines, problems, parts } = scene();
    const reasons = new KillReasons({ ...parts, terminationLog: undefined });
    reasons.look("stuck", () => ({ at: 0, message: "stuck" }));
    reasons.look(undefined, () => ({ at: 0, message: "none" }));
    expect({ lines, problems }).toEqual({ lines: ["stuck"], problems: [] });
  });
});
