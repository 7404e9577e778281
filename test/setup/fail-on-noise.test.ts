import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const vitest = join(fileURLToPath(import.meta.resolve("vitest/package.json")), "../vitest.mjs");
const config = join(import.meta.dirname, "noisy/vitest.config.ts");

/** Runs one file of `noisy/` in a Vitest of its own: its exit code, and for each test whether it passed. */
function run(file: string): Promise<{ code: unknown; passed: Record<string, boolean> }> {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("VITEST")));
  return new Promise((resolve) => {
    execFile(process.execPath, [vitest, "run", "--config", config, file], { env }, (error, stdout) => {
      const lines = stdout.matchAll(/^(not )?ok \d+ - \S+ > (.+?) # time/gm);
      const passed = Object.fromEntries(Array.from(lines, ([, not, title]) => [title, not === undefined]));
      resolve({ code: error?.code ?? 0, passed });
    });
  });
}

describe("fail-on-noise", () => {
  it("fails the tests that write, leak or overflow, and no other", async () => {
    const { code, passed } = await run("console.noisy.ts");
    expect(code).toBe(1);
    const titles = (wanted: boolean) => Object.keys(passed).filter((title) => passed[title] === wanted);
    expect(titles(true)).toEqual(["is silent", "is silent again"]);
    expect(titles(false)).toHaveLength(12);
  });

  it("notices what is written while a file is loaded", async () => {
    expect(await run("import.noisy.ts")).toEqual({ code: 1, passed: { "is blamed for its file": false } });
  });

  it.each(["a rejection", "an exception"])("fails the run on %s that nobody handles", async (what) => {
    const { code, passed } = await run(`${what.split(" ")[1]}.noisy.ts`);
    expect(code).toBe(1);
    expect(passed).toEqual({ [`passes, and leaves ${what} behind`]: true });
  });
});
