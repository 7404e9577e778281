import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const run = promisify(execFile);

/** What a process of a file of this folder says, in which `hook` is put before everything by NODE_OPTIONS. */
async function play(...args: readonly string[]): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const hook = join(import.meta.dirname, "hook-process.ts");
  const env = { ...process.env, NODE_OPTIONS: `--import=${hook}` };
  return await run(process.execPath, [join(import.meta.dirname, "short-process.ts"), ...args], { env });
}

describe("a process with a watchdog", () => {
  it("ends when nothing else is left to do, and preloads its hooks once", async () => {
    expect(await play("once")).toEqual({ stdout: "preloaded in thread 0\nserved 200\n", stderr: "" });
  });

  it("ends also where its thread is lost and would be started again", async () => {
    expect(await play("lost")).toEqual({ stdout: "preloaded in thread 0\nserved 200\nlost\n", stderr: "" });
  });

  it("keeps no thread, file, listener or memory of watchdogs that are closed", async () => {
    // All thousand take minutes.
    const cycles = process.env["WATCHDOG_CYCLES"] ?? "10";
    const { stdout } = await play("cycles", cycles);
    const [before, after] = stdout
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line));
    const { heapBytes, ...counts } = after;
    const { heapBytes: heapBefore, ...countsBefore } = before;
    expect(counts).toEqual(countsBefore);
    expect(heapBytes - heapBefore).toBeLessThan(2_000_000);
  }, 900_000);
});
