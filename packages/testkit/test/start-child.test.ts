import { startChild } from "@otel-health/testkit";
import { describe, expect, it } from "vitest";

/** Options for a Node process that runs `script`. */
const node = (script: string) => ({ command: process.execPath, args: ["-e", script] });
const stayAlive = "setInterval(() => {}, 1000);";

/** Whether a process has that id. */
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe("startChild", () => {
  it("resolves at the ready line, of either stream, and keeps the lines", async () => {
    const script = `console.log("one"); console.error("ready on 7"); ${stayAlive}`;
    await using child = await startChild({ ...node(script), ready: /ready on \d/ });
    await child.waitForLine((line) => line === "one");
    expect(child).toMatchObject({ stdout: ["one"], stderr: ["ready on 7"] });
    expect(await child.waitForLine(/ready/)).toBe("ready on 7");
    expect(child.output.split("\n").toSorted()).toEqual(["one", "ready on 7"]);
  });

  it("passes environment and folder on", async () => {
    const script = `console.log(process.env.WORD, process.cwd()); ${stayAlive}`;
    await using child = await startChild({ ...node(script), env: { WORD: "word" }, cwd: "/", ready: /./ });
    expect(child.stdout).toEqual(["word /"]);
  });

  it("rejects with the last output of a process that ends before it is ready", async () => {
    const started = startChild({ ...node(`console.log("on stdout"); throw new Error("no database")`), ready: /never/ });
    await expect(started).rejects.toThrow(/exited with 1 before \/never\/; last output:\n.*on stdout.*no database/s);
  });

  it("rejects with the reason when the command does not exist", async () => {
    await expect(startChild({ command: "/no/such/program", ready: /x/ })).rejects.toThrow(/ENOENT/);
  });

  it("kills a process that is not ready in time", async () => {
    const script = `console.log(process.pid); ${stayAlive}`;
    const error = await startChild({ ...node(script), ready: /never/, readyTimeoutMs: 1500 }).catch(String);
    expect(error).toMatch(/1500 ms passed before \/never\//);
    expect(isAlive(Number(/^\d+$/m.exec(String(error))?.[0]))).toBe(false);
  });

  it("stops by SIGTERM and says how the process ended", async () => {
    const script = `process.on("SIGTERM", () => { console.log("bye"); process.exit(3); }); console.log("up"); ${stayAlive}`;
    const child = await startChild({ ...node(script), ready: /up/ });
    expect(await child.stop()).toEqual({ code: 3, signal: null });
    expect(child.stdout).toEqual(["up", "bye"]);
    expect(await child.stop()).toEqual({ code: 3, signal: null });
    expect(await child.exited).toEqual({ code: 3, signal: null });
  });

  it("kills a process that ignores SIGTERM, though a grandchild holds its output open", async () => {
    const grandchild = `require("node:child_process").spawn(process.execPath, ["-e", "${stayAlive}"], { stdio: "inherit" }).pid`;
    const script = `process.on("SIGTERM", () => {}); console.log("up", ${grandchild}); ${stayAlive}`;
    const child = await startChild({ ...node(script), ready: /up/ });
    try {
      expect(await child.stop({ timeoutMs: 50 })).toEqual({ code: null, signal: "SIGKILL" });
      expect(isAlive(child.pid ?? 0)).toBe(false);
    } finally {
      process.kill(Number(child.stdout[0]?.split(" ")[1]), "SIGKILL");
    }
  });

  it("ends with its scope", async () => {
    let pid = 0;
    {
      await using child = await startChild({ ...node(`console.log("up"); ${stayAlive}`), ready: /up/ });
      pid = child.pid ?? 0;
      expect(isAlive(pid)).toBe(true);
    }
    expect(isAlive(pid)).toBe(false);
  });

  it("gives the process a stdin that can be ended", async () => {
    const script = `process.stdin.on("end", () => process.exit(5)).resume(); console.log("up");`;
    const child = await startChild({ ...node(script), ready: /up/ });
    child.endInput();
    expect(await child.exited).toEqual({ code: 5, signal: null });
  });
});
