import { execFile } from "node:child_process";

/** What Debian's `promtool check metrics` finds wrong with a page in the text format, one line each; empty when clean. */
export function promtoolCheckMetrics(page: string): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const promtool = execFile("promtool", ["check", "metrics"], (error, stdout, stderr) => {
      const problems = `${stdout}\n${stderr}`.split("\n").filter((line) => line.trim() !== "");
      // A failure without a word is not a finding: promtool did not run.
      if (error !== null && problems.length === 0) reject(error);
      else resolve(problems);
    });
    promtool.stdin?.on("error", () => {}).end(page);
  });
}
