import { join } from "node:path";
import { startChild, until } from "@otel-health/testkit";
import { describe, expect, it } from "vitest";
import { stuckStderrs } from "../../../../test/watchdog/stuck-stderr.ts";

const saying = [process.execPath, join(import.meta.dirname, "saying-process.ts")];

describe.each(Object.entries(stuckStderrs))("StandardError, of a %s that nobody reads", (_kind, make) => {
  it.each(["", "exhausted"])("waits for nobody, and says its line in one piece once it is read %s", async (how) => {
    const stuck = await make();
    await using child = await startChild({
      command: "sh",
      // Node raises its soft limit to the hard one.
      args: ["-c", `ulimit -n 128; ${stuck.exec}`, "sh", ...saying, how],
      ready: /^tried$/,
    });
    expect(child.stdout.includes("EMFILE")).toBe(how === "exhausted");
    const heard = () => {
      const said = stuck.read();
      child.sendLine("again");
      return said.endsWith("the last words\n") && said;
    };
    // What is not stuck has heard the first line as well.
    expect(await until(heard, { describe: "the line" })).toMatch(/^(the first, .*\n)?the last words\n$/);
    child.sendLine("e");
    expect(await child.exited).toEqual({ code: 0, signal: null });
    // Whoever else writes there is made to wait as before.
    expect(child.stdout.at(-1)).toBe("it waits");
    expect(stuck.read()).not.toContain("what nobody hears");
  });
});

describe("StandardError", () => {
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
