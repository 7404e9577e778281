import { execFileSync } from "node:child_process";
import { closeSync, constants, openSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";
import { startChild, until } from "@otel-health/testkit";
import { describe, expect, it, onTestFinished } from "vitest";
import { temporaryFile } from "../temporary-file.ts";

const saying = [process.execPath, join(import.meta.dirname, "saying-process.ts")];

/** A pipe that is full, held at both ends, so that nobody waits for the other. */
function fullPipe(): { readonly path: string; readonly pipe: number } {
  const path = temporaryFile();
  execFileSync("mkfifo", [path]);
  const pipe = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  onTestFinished(() => closeSync(pipe));
  expect(() => {
    for (;;) writeSync(pipe, Buffer.alloc(4_096, "x"));
  }).toThrow(/EAGAIN/);
  return { path, pipe };
}

describe("StandardError", () => {
  it("waits for nobody who does not read, and says its line once it is read, in one piece", async () => {
    const { path, pipe } = fullPipe();
    await using child = await startChild({
      command: "sh",
      args: ["-c", `exec "$@" 2>${path}`, "sh", ...saying],
      ready: /^tried$/,
    });
    const read = Buffer.alloc(65_536);
    expect(read.toString("utf8", 0, readSync(pipe, read))).toMatch(/^x+$/);
    child.sendLine("again");
    const heard = () => {
      const text = read.toString("utf8", 0, readSync(pipe, read));
      return text !== "" && text;
    };
    expect(await until(heard, { describe: "the line" })).toBe("the last words\n");
    child.sendLine("e");
    expect(await child.exited).toEqual({ code: 0, signal: null });
  });

  it("says its line where it can be written at once, and no more of it later", async () => {
    await using child = await startChild({ command: saying[0] as string, args: saying.slice(1), ready: /^tried$/ });
    for (let i = 0; i < 60; i++) child.sendLine("");
    child.sendLine("e");
    expect(await child.exited).toEqual({ code: 0, signal: null });
    expect(child.stderr).toEqual(["the first, which nobody waits for", "the last words"]);
  });

  it("does not mind that there is nobody to say it to", async () => {
    await using child = await startChild({
      command: "sh",
      args: ["-c", 'exec "$@" 2>&-', "sh", ...saying],
      ready: /^tried$/,
    });
    child.sendLine("e");
    expect(await child.exited).toEqual({ code: 0, signal: null });
  });
});
