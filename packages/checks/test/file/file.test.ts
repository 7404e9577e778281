import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FileOptions, file } from "@otel-health/checks/file";
import { FakeClock } from "@otel-health/core/testing";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { complaint, outcomeOf, Running } from "../running.ts";

const folder = mkdtempSync(join(tmpdir(), "otel-health-file-"));
const path = join(folder, "backup.tar");
afterAll(() => rmSync(folder, { recursive: true }));

const writtenAt = Date.UTC(2026, 10, 22, 13);
beforeEach(() => {
  writeFileSync(path, "0123456789");
  utimesSync(path, new Date(writtenAt), new Date(writtenAt));
});
afterEach(() => rmSync(path, { force: true }));

const later = (ms: number, options?: FileOptions) => outcomeOf(file(path, options), new FakeClock(writtenAt + ms));

describe("file", () => {
  it("is content with any file", async () => {
    expect(await later(10 * 365 * 86_400_000)).toBeUndefined();
    symlinkSync(path, join(folder, "latest"));
    expect(await outcomeOf(file(join(folder, "latest")))).toBeUndefined();
  });

  it("wants one that was written lately", async () => {
    const options = { maxAgeMs: 86_400_000 };
    expect(await later(86_400_000, options)).toBeUndefined();
    expect(await later(90_000_000, options)).toMatchObject({
      status: "fail",
      errorType: "stale_file",
      message: "the file was last written 25 hours ago, and may be 24 hours old",
    });
  });

  it("wants one that is not too small", async () => {
    expect(await later(0, { minBytes: 10 })).toBeUndefined();
    expect(await later(0, { minBytes: 2_048 })).toMatchObject({
      status: "fail",
      errorType: "small_file",
      message: "the file has 10 bytes, less than 2 KiB",
    });
  });

  it("warns of one that was written in the future", async () => {
    expect(await later(-60_000)).toBeUndefined();
    expect(await later(-61_000)).toMatchObject({ status: "warn", hint: expect.stringContaining("clocks") });
    expect(await later(-61_000, { maxSkewMs: 90_000 })).toBeUndefined();
  });

  it("knows what is no file, and what is not there", async () => {
    mkdirSync(join(folder, "folder"));
    expect(await outcomeOf(file(join(folder, "folder")))).toMatchObject({
      errorType: "not_a_file",
      fault: "persistent",
    });
    rmSync(path);
    expect(await outcomeOf(file(path))).toMatchObject({ status: "fail", errorType: "ENOENT", fault: "persistent" });
    expect(await outcomeOf(file(join(folder, "\0")))).toMatchObject({ status: "fail" });
  });

  it("ends with the run", async () => {
    const running = new Running(file(path));
    running.abort();
    expect(await running.outcome).toMatchObject({ status: "fail", errorType: "timeout" });
  });

  it.each([
    [5, {}, "path of file() must be a path, got 5"],
    ["a", { maxAgeMs: 0 }, "maxAgeMs of file() must be milliseconds above 0, got 0"],
    ["a", { maxAgeMs: "1 d" }, "maxAgeMs of file()"],
    ["a", { minBytes: -1 }, "minBytes of file() must be bytes from 0 up"],
    ["a", { maxSkewMs: -1 }, "maxSkewMs of file()"],
    ["a", { maxAge: 5 }, "maxAge is not an option of file()"],
  ])("refuses %j with %j", (given, options, message) => {
    expect(complaint(() => file(given as never, options as never))).toContain(message);
  });
});
