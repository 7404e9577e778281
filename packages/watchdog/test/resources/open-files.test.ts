import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { lookAt } from "../../src/resources/open-files.ts";
import { percent } from "../../src/resources/quantities.ts";

const bounds = { warnAbove: 0.8, failAbove: 0.95, show: percent };
const limits = (soft: string) =>
  `Limit                     Soft Limit           Hard Limit           Units\nMax open files            ${soft.padEnd(20)} 4096                 files\n`;
const failure = (code: string) => Object.assign(new Error(code), { code });

const untold = () => undefined;

function look(soft: string | undefined, told: () => number | undefined, count = untold as () => never, status = "") {
  const read = (path: string) => (path.endsWith("status") ? status : soft === undefined ? undefined : limits(soft));
  return lookAt({ read, told, count }, bounds)();
}

describe("openFiles", () => {
  it.each([
    [800, "pass", "800 of 1000 file descriptors are open, 80.0 %"],
    [801, "warn", "801 of 1000 file descriptors are open, 80.1 %, above 80.0 %"],
    [951, "fail", "951 of 1000 file descriptors are open, 95.1 %, above 95.0 %"],
  ])("judges %i of 1000", (open, status, message) => {
    expect(look("1000", () => open)).toMatchObject({ status, message });
  });

  it.each([
    ["unlimited", "12 file descriptors are open, without a limit"],
    [undefined, "12 file descriptors are open; their limit cannot be told here"],
  ])("passes and says so with the limit %s", (soft, message) => {
    expect(look(soft, () => 12)).toEqual({ status: "pass", message });
  });

  it("looks at each only where the kernel has room for more of them than are to be open", () => {
    const status = "Name:\tnode\nFDSize:\t256\nGroups:\t\n";
    const never = () => expect.fail("it looks at each");
    expect(look("1000", untold, never, status)).toEqual({
      status: "pass",
      message: "at most 256 of 1000 file descriptors are open, 25.6 %",
    });
    expect(look("320", untold, never, status)).toMatchObject({ message: expect.stringMatching(/ 80\.0 %$/) });
    expect(look("319", untold, () => 12 as never, status)).toEqual({
      status: "pass",
      message: "12 of 319 file descriptors are open, 3.8 %",
    });
    expect(look("unlimited", untold, never, status)).toMatchObject({
      message: "at most 256 file descriptors are open, without a limit",
    });
    expect(look(undefined, untold, never, status)).toMatchObject({
      message: "at most 256 file descriptors are open; their limit cannot be told here",
    });
    expect(look("1000", untold, () => 960 as never)).toMatchObject({ status: "fail" });
  });

  it.skipIf(process.platform !== "linux")("is told no fewer than are open by the kernel's own status", () => {
    const size = /^FDSize:\s+(\d+)$/m.exec(readFileSync("/proc/self/status", "latin1"))?.[1];
    expect(Number(size)).toBeGreaterThanOrEqual(readdirSync("/proc/self/fd").length);
  });

  it("passes and says so where there is no /proc", () => {
    const missing = () => {
      throw failure("ENOENT");
    };
    expect(look(undefined, missing)).toEqual({
      status: "pass",
      message: "how many file descriptors are open cannot be told here",
    });
  });

  it.each(["EMFILE", "ENFILE"])("fails where none is left to look with: %s", (code) => {
    const exhausted = () => {
      throw failure(code);
    };
    expect(look(undefined, untold, exhausted)).toMatchObject({ status: "fail", errorType: code });
  });

  it("goes on with the limit that it knew while that cannot be read", () => {
    let text: string | undefined = limits("100");
    let open = 10;
    const judge = lookAt({ read: () => text, told: () => open, count: untold as () => never }, bounds);
    expect(judge().status).toBe("pass");
    text = undefined;
    open = 99;
    expect(judge()).toMatchObject({ status: "fail", message: expect.stringContaining("99 of 100") });
  });
});
