import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { mainThreadIsDebugged } from "../../src/capture/main-thread-is-debugged.ts";

const module = pathToFileURL(join(import.meta.dirname, "../../src/capture/main-thread-is-debugged.ts")).href;

function said(script: string, ...options: readonly string[]): string {
  const text = `import inspector from "node:inspector";
    import { mainThreadIsDebugged } from ${JSON.stringify(module)};
    const say = () => process.stdout.write(mainThreadIsDebugged() + " ");
    ${script}`;
  const args = [...options, "--input-type=module", "-e", text];
  return execFileSync(process.execPath, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
}

describe("mainThreadIsDebugged()", () => {
  it("knows of a debugger's port, since the start or opened later", () => {
    expect(said("say();")).toBe("false");
    expect(said("say();", "--inspect=127.0.0.1:0")).toBe("true");
    expect(said("say(); inspector.open(0, '127.0.0.1'); say(); inspector.close(); say();")).toBe("false true false");
  });

  it("answers the process that asks", () => {
    expect(mainThreadIsDebugged()).toBe(process.getBuiltinModule("node:inspector").url() !== undefined);
  });

  it("does not take a session of the process with itself for one", () => {
    expect(said("const session = new inspector.Session(); session.connect(); say(); session.disconnect();")).toBe(
      "false",
    );
  });
});
