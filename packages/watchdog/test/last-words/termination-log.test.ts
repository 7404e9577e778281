import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { TerminationLog, terminationLogPath } from "../../src/last-words/termination-log.ts";

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "otel-health-termination-"));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

describe("terminationLogPath", () => {
  it("is the path that was given, none where there is to be none, and else that of Kubernetes where it is", () => {
    expect(terminationLogPath("/tmp/reason")).toBe("/tmp/reason");
    expect(terminationLogPath(false)).toBeUndefined();
    const kubernetes = "/dev/termination-log";
    expect(terminationLogPath(undefined)).toBe(existsSync(kubernetes) ? kubernetes : undefined);
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
