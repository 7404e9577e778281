import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import type { HostileReport } from "./hostile-process.ts";
import { hostileReturned } from "./hostile-returned.ts";
import { hostileRuns } from "./hostile-runs.ts";
import { hostileThrown } from "./hostile-thrown.ts";

describe("a process full of hostile checks", () => {
  it("lives on, answers its probes and judges every one of them", async () => {
    const file = join(import.meta.dirname, "hostile-process.ts");
    // Rejects for any exit code but 0.
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [file], { timeout: 25_000 });
    const report: HostileReport = JSON.parse(stdout);

    expect(stderr).toBe("");
    expect(report.unhandled).toEqual([]);
    const failing = (what: string, message: string, errorType: string) => ({
      what,
      state: "unhealthy",
      message,
      errorType,
    });
    expect(report.judged).toEqual([
      ...hostileThrown.map(({ what, message, errorType = "_OTHER" }) => failing(`throws ${what}`, message, errorType)),
      ...hostileThrown.map(({ what, message, errorType = "_OTHER" }) =>
        failing(`rejects with ${what}`, message, errorType),
      ),
      ...hostileReturned.map(({ what, message, errorType = "invalid_outcome" }) =>
        failing(`returns ${what}`, message, errorType),
      ),
      ...hostileRuns.map(({ what, message, errorType = "" }) =>
        message === undefined
          ? { what, state: "healthy", message: null, errorType: null }
          : failing(what, message, errorType),
      ),
    ]);
    expect(Object.keys(report.answers)).toEqual(["503"]);
  });
});
