import { type DiskOptions, disk } from "@otel-health/checks/disk";
import { createHealth } from "@otel-health/core";
import { describe, expect, it } from "vitest";
import { judgeSpace, readLimits, type Space } from "../../src/disk/judge-space.ts";
import { complaint } from "../running.ts";

describe("disk", () => {
  it.each([
    [undefined, {}, "path of disk() must be a path, got undefined"],
    ["", {}, "path of disk()"],
    ["/", { probeFile: "" }, "probeFile of disk() must be true, false or a path"],
    ["/", { probeFile: 1 }, "probeFile of disk()"],
    ["/", { warnFreeRatio: 10 }, "warnFreeRatio of disk() must be a share from 0 to 1, got 10"],
    ["/", { failFreeRatio: -0.1 }, "failFreeRatio of disk()"],
    ["/", { warnFreeInodeRatio: "1" }, "warnFreeInodeRatio of disk()"],
    ["/", { failFreeInodeRatio: Number.NaN }, "failFreeInodeRatio of disk()"],
    ["/", { warnFreeBytes: -1 }, "warnFreeBytes of disk() must be bytes from 0 up, got -1"],
    ["/", { failFreeBytes: Number.POSITIVE_INFINITY }, "failFreeBytes of disk()"],
    [
      "/",
      { warnFreeRatio: 0.01, failFreeRatio: 0.01 },
      "warnFreeRatio of disk() must be more than failFreeRatio, or 0 for no warning, got 0.01",
    ],
    ["/", { warnFreeBytes: 1, failFreeBytes: 2 }, "warnFreeBytes of disk() must be more than failFreeBytes"],
    ["/", { warnFreeInodeRatio: 0.1, failFreeInodeRatio: 0.2 }, "warnFreeInodeRatio of disk() must be more"],
    ["/", { minFree: 1 }, "minFree is not an option of disk()"],
  ])("refuses %j with %j", (path, options, message) => {
    expect(complaint(() => disk(path as never, options as never))).toContain(message);
  });

  it("is not for liveness: no restart makes space", () => {
    const check = { ...disk("/"), probes: ["liveness"] as const };
    expect(complaint(() => createHealth({ checks: { disk: check } }))).toContain("liveness");
  });
});

const gib = 2 ** 30;

describe("judgeSpace", () => {
  function judge(space: Partial<Space>, options: DiskOptions = {}) {
    const whole = { used: 0, free: 100 * gib, inodes: 1_000_000, freeInodes: 900_000, ...space };
    return judgeSpace(whole, readLimits("disk()", options));
  }
  const of = (total: number, free: number): Partial<Space> => ({ used: total - free, free });

  it("warns below a tenth and fails below a twentieth", () => {
    expect(judge(of(20 * gib, 2 * gib))).toBeUndefined();
    expect(judge(of(20 * gib, 1.9 * gib))).toMatchObject({
      status: "warn",
      message: "1.9 GiB of 20 GiB are free, 9.5 %",
    });
    expect(judge(of(20 * gib, gib))).toMatchObject({ status: "warn" });
    expect(judge(of(20 * gib, gib - 1))).toMatchObject({ status: "fail", errorType: "out_of_space" });
  });

  it("wants no more than 20 and 5 GiB of what is large", () => {
    expect(judge(of(10_000 * gib, 20 * gib))).toBeUndefined();
    expect(judge(of(10_000 * gib, 19 * gib))).toMatchObject({ status: "warn" });
    expect(judge(of(10_000 * gib, 5 * gib))).toMatchObject({ status: "warn" });
    expect(judge(of(10_000 * gib, 4.9 * gib))).toMatchObject({ status: "fail" });
  });

  it("takes a share or bytes as they are given, and of both the larger", () => {
    expect(judge(of(10_000 * gib, 900 * gib), { warnFreeRatio: 0.1 })).toMatchObject({ status: "warn" });
    expect(judge(of(10_000 * gib, 900 * gib), { failFreeRatio: 0.1 })).toMatchObject({ status: "fail" });
    const bytes = { warnFreeBytes: 2 * gib, failFreeBytes: gib };
    expect(judge(of(100 * gib, 2 * gib), bytes)).toBeUndefined();
    expect(judge(of(100 * gib, 1.5 * gib), bytes)).toMatchObject({ status: "warn" });
    expect(judge(of(100 * gib, 0.5 * gib), bytes)).toMatchObject({ status: "fail" });
    expect(judge(of(100 * gib, 1.5 * gib), { ...bytes, failFreeRatio: 0.02 })).toMatchObject({ status: "fail" });
    expect(judge(of(100 * gib, 0), { failFreeRatio: 0, warnFreeRatio: 0 })).toBeUndefined();
  });

  it("counts inodes the same way, where there are any", () => {
    expect(judge({ inodes: 1_000, freeInodes: 99 })).toMatchObject({
      status: "warn",
      message: "99 of 1000 inodes are free, 9.9 %",
    });
    expect(judge({ inodes: 1_000, freeInodes: 49 })).toMatchObject({ status: "fail", errorType: "out_of_inodes" });
    expect(judge({ inodes: 1_000, freeInodes: 49 }, { failFreeInodeRatio: 0.01 })).toMatchObject({ status: "warn" });
    expect(judge({ inodes: 1_000, freeInodes: 600 }, { warnFreeInodeRatio: 0.7 })).toMatchObject({ status: "warn" });
    expect(judge({ inodes: 1e9, freeInodes: 200_000 })).toBeUndefined();
    expect(judge({ inodes: 1e9, freeInodes: 49_999 })).toMatchObject({ status: "fail" });
    expect(judge({ inodes: 0, freeInodes: 0 })).toBeUndefined();
  });

  it("says the worse of both first", () => {
    expect(judge({ ...of(20 * gib, 1.5 * gib), inodes: 100, freeInodes: 1 })).toMatchObject({
      status: "fail",
      errorType: "out_of_inodes",
    });
  });

  it("takes numbers that are none for nothing good", () => {
    expect(judge({ free: Number.NaN })).toMatchObject({ status: "fail" });
  });
});
