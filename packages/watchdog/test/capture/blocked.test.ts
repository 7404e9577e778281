import { execFileSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "@otel-health/testkit";
import { describe, expect, it, onTestFinished } from "vitest";
import { culpritOf, formatStack } from "../../src/capture/frame.ts";
import { BlockedProcess, linesOf, ownFrame, script } from "./blocked.ts";

describe.skipIf(process.platform === "win32")("captureStack() asks a main thread", () => {
  it.each([
    ["busy", "in a loop", "Object.spin [as busy]"],
    ["method", "in a method", "Report.render"],
    ["anonymous", "in a callback without a name", "<anonymous>"],
    ["wait", "in Atomics.wait()", "Object.waits [as wait]"],
    ["regex", "in a catastrophic regular expression", "Object.validate [as regex]"],
    ["wasm", "in WebAssembly", "Object.counts [as wasm]"],
    ["await", "in an endless chain of await", "Object.chain [as await]"],
    ["awaits", "in an endless chain of async calls", "Object.consume [as awaits]"],
    ["debugger", "at a debugger statement that has no debugger", "Object.debugs [as debugger]"],
  ])("%s: %s, and leaves nothing behind", async (block, _, functionName) => {
    const child = new BlockedProcess(block);
    const { frames } = await child.stack();
    const own = frames.filter(({ file }) => file === script);
    expect(linesOf(block)).toContain(own.find((frame) => frame.functionName === functionName)?.line);
    await expectUntouched(child);
  });

  it.each(["thens", "ticks"])("%s: in an endless chain of callbacks, and leaves nothing behind", async (block) => {
    const child = new BlockedProcess(block);
    expect(ownFrame(await child.stack())).toMatchObject({ functionName: "step" });
    await expectUntouched(child);
  });

  it("and names the function of the engine that it is in", async () => {
    const stack = await new BlockedProcess("regex").stack();
    expect(stack.frames[0]).toEqual({ functionName: "RegExp.test" });
    expect(culpritOf(stack.frames).culprit).toMatchObject({ file: script, line: linesOf("regex")[0] });
    expect(formatStack(stack.frames).split("\n").slice(0, 2)).toEqual([
      "    at RegExp.test (<anonymous>)",
      `    at Object.validate [as regex] (${script}:${linesOf("regex")[0]}:15)`,
    ]);
  });

  it("and names who awaits what it is in", async () => {
    const { frames } = await new BlockedProcess("awaits").stack();
    expect(frames.map(({ functionName }) => functionName)).toContain("async <anonymous>");
  });

  it("in code that was generated, which is in no file", async () => {
    const { frames } = await new BlockedProcess("generated").stack();
    const { culprit } = culpritOf(frames);
    expect(culprit).toMatchObject({ functionName: "eval", line: 3 });
    expect(culprit?.file).toMatch(/^eval at makes \(file:.*blocked-process\.ts:\d+:\d+\), <anonymous>$/);
  });

  it("in a script of node:vm, whose timeout still ends it", async () => {
    const child = new BlockedProcess("vm");
    const stack = await child.stack();
    expect(culpritOf(stack.frames).culprit).toMatchObject({ functionName: "<anonymous>", file: "/srv/plugin.js" });
    expect(await child.said()).toMatchObject({ vm: "ERR_SCRIPT_EXECUTION_TIMEOUT", free: true });
  });

  it("in the engine: once it is back, and late", async () => {
    const stack = await new BlockedProcess("json").stack();
    expect(stack.late).toBe(true);
    const own = stack.frames.find(({ functionName }) => functionName === "Object.parses [as json]");
    expect(own).toMatchObject({ file: script, line: linesOf("json")[0] });
  });

  it("in a system call: once it is back, and late", async () => {
    const folder = mkdtempSync(join(tmpdir(), "capture-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, "fifo");
    execFileSync("mkfifo", [path]);
    const child = new BlockedProcess("fifo", { path });
    await child.child.waitForLine(/asked/);
    // For as long as it takes that no answer is a fast one.
    const asked = Date.now();
    await until(() => Date.now() - asked > 200, { describe: "some time" });
    const fifo = openSync(path, constants.O_WRONLY);
    writeSync(fifo, "at last");
    closeSync(fifo);
    const stack = await child.stack();
    expect(stack.late).toBe(true);
    expect(ownFrame(stack)).toMatchObject({ functionName: "Object.reads [as fifo]", line: linesOf("fifo")[0] });
  });

  it("that exits as soon as it can", async () => {
    const child = new BlockedProcess("exit");
    expect(await child.child.exited).toEqual({ code: 7, signal: null });
  });
});

async function expectUntouched(child: BlockedProcess): Promise<void> {
  expect(await child.said()).toMatchObject({ free: true, kept: true, store: "a request", worker: "exited with 0" });
  expect(await child.child.exited).toEqual({ code: 0, signal: null });
  expect(child.child.stderr).toEqual([]);
}

describe("captureStack() in a thread that does not live to hear the answer", () => {
  const phases = ["connected", "asked", "answered"];
  const ends = [
    ["exit", "exited with 3"],
    ["crash", "failed: crashed"],
    ["memory", "failed: ERR_WORKER_OUT_OF_MEMORY"],
    ["hang", "exited with 1"],
  ];
  const deaths = ends.flatMap(([end, said]) => [
    ...phases.map((phase) => ["second", `${end}-${phase}`, said] as const),
    // One that crashes lives on for long enough to hear the answer and let its session go, and Node aborts a process whose
    // thread ends within a millisecond of that: no case with an outcome of its own.
    ...(end === "crash" ? [] : [["awaitsSecond", `${end}-trapped`, said] as const]),
  ]);

  it.each(deaths)("%s, %s: the main thread goes on", async (block, phase, worker) => {
    const child = new BlockedProcess(block, { phase });
    // An answer may have come just before the end.
    expect(await child.said()).toMatchObject({
      asked: true,
      dies: phase,
      free: true,
      kept: expect.any(Boolean),
      store: "a request",
      worker,
    });
    expect(await child.child.exited).toEqual({ code: 0, signal: null });
  });
});
