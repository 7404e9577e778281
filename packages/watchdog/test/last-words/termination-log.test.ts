import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { findTerminationLog, TerminationLog } from "../../src/last-words/termination-log.ts";

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "otel-health-termination-"));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

describe("findTerminationLog", () => {
  it("finds the path that was given, none where there is to be none, and else that of Kubernetes where it is", () => {
    const made = folder();
    const [given, kubernetes] = [join(made, "given"), join(made, "kubernetes")];
    expect(findTerminationLog(given, kubernetes)).toEqual({ path: given, problem: undefined });
    expect(findTerminationLog(undefined, kubernetes)).toEqual({ path: undefined, problem: undefined });
    expect(existsSync(kubernetes)).toBe(false);
    writeFileSync(kubernetes, "");
    expect(findTerminationLog(undefined, kubernetes)).toEqual({ path: kubernetes, problem: undefined });
    expect(findTerminationLog(false, kubernetes)).toEqual({ path: undefined, problem: undefined });
  });

  it("leaves what is there as it is", () => {
    const path = join(folder(), "log");
    writeFileSync(path, "of another life");
    expect(findTerminationLog(path)).toEqual({ path, problem: undefined });
    expect(readFileSync(path, "utf8")).toBe("of another life");
  });

  it("says why one cannot be written, given or not", () => {
    const path = folder();
    for (const [given, byDefault] of [
      [path, undefined],
      [undefined, path],
    ] as const) {
      expect(findTerminationLog(given, byDefault)).toEqual({
        path,
        problem: expect.objectContaining({ code: "EISDIR" }),
      });
    }
  });
});

describe("TerminationLog", () => {
  it("holds the newest reason alone, and nothing once it is taken back", () => {
    const path = join(folder(), "log");
    writeFileSync(path, "of another life, and longer than what follows");
    const log = new TerminationLog(path);
    log.write("stuck in collect");
    expect(readFileSync(path, "utf8")).toBe("stuck in collect");
    log.write("fatal");
    expect(readFileSync(path, "utf8")).toBe("fatal");
    log.takeBack();
    expect(readFileSync(path, "utf8")).toBe("");
  });

  it("leaves alone what someone else has written", () => {
    const path = join(folder(), "log");
    const log = new TerminationLog(path);
    log.write("stuck");
    writeFileSync(path, "the application's own reason");
    log.takeBack();
    expect(readFileSync(path, "utf8")).toBe("the application's own reason");
    new TerminationLog(path).takeBack();
    expect(readFileSync(path, "utf8")).toBe("the application's own reason");
  });

  it("holds no more than Kubernetes reads, and no half of a character", () => {
    const path = join(folder(), "log");
    const log = new TerminationLog(path);
    log.write("x".repeat(5_000));
    expect(readFileSync(path)).toHaveLength(4_096);
    for (const before of ["", "x", "xx", "xxx"]) {
      log.write(`${before}${"茶🍵".repeat(1_000)}`);
      const written = readFileSync(path);
      expect(written.length).toBeGreaterThan(4_092);
      expect(written.length).toBeLessThanOrEqual(4_096);
      expect(written.toString()).not.toContain("\ufffd");
      log.takeBack();
      expect(readFileSync(path)).toHaveLength(0);
    }
  });

  it("throws where it cannot write, and does not wait for a pipe that nobody reads", () => {
    const made = folder();
    expect(() => new TerminationLog(join(made, "none", "log")).write("stuck")).toThrow(/ENOENT/);
    mkdirSync(join(made, "folder"));
    expect(() => new TerminationLog(join(made, "folder")).write("stuck")).toThrow(/EISDIR/);
    execFileSync("mkfifo", [join(made, "pipe")]);
    expect(() => new TerminationLog(join(made, "pipe")).write("stuck")).toThrow(/ENXIO/);
  });
});
