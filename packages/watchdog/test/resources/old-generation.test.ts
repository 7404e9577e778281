import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { oldGenerationLimit, oldGenerationUsed, startFlags } from "../../src/resources/old-generation.ts";

const MiB = 2 ** 20;
const limitOf = (heapMiB: number, flags: readonly string[] = [], workerMebibytes?: number) =>
  oldGenerationLimit({ heapLimitBytes: heapMiB * MiB, flags, workerMebibytes }) / MiB;

describe("oldGenerationLimit", () => {
  it.each([
    // What Node 24 and Node 22 say of the same limit.
    [256, ["--max-old-space-size=64"], 64],
    [112, ["--max-old-space-size=64"], 64],
    [112, ["--inspect", "--max_old_space_size=64", "--title=a"], 64],
    [112, ["--max-old-space-size=32", "--max-old-space-size=64"], 64],
    [4_480, ["--max-semi-space-size=128"], 4_096],
    [536, ["--max-semi-space-size=5", "--max-old-space-size=512"], 512],
    [536, ["--max-semi-space-size=5"], 512],
    // Flags that say nothing.
    [350, ["--max-old-space-size=0"], 320],
    [350, ["--max-old-space-size=lots"], 320],
    [350, ["--max-semi-space-size=4096"], 320],
    [350, [], 320],
  ])("of a heap of %i MiB with %j is %i", (heap, flags, old) => {
    expect(limitOf(heap, flags)).toBeCloseTo(old, 9);
  });

  it.each([
    [560, 512],
    [1_120, 1_024],
    [2_240, 2_048],
    [4_288, 4_096],
    [524, 512],
    [2_096, 2_048],
    [4_144, 4_096],
  ])("is told as less than it is where no flag tells, for a heap of %i MiB, and by little", (heap, old) => {
    expect(limitOf(heap)).toBeLessThanOrEqual(old + 1e-6);
    expect(limitOf(heap)).toBeGreaterThan(old * 0.92);
  });

  it("of a worker thread is its own", () => {
    expect(limitOf(256, ["--max-old-space-size=128"], 32)).toBe(32);
  });

  it("reads the flags of NODE_OPTIONS before those of the command line, which win", () => {
    const flags = startFlags(" --enable-source-maps  --max-old-space-size=128", ["--max-old-space-size=64"]);
    expect(limitOf(256, flags)).toBe(64);
    expect(limitOf(256, startFlags("--max-old-space-size=128", []))).toBe(128);
    expect(startFlags(undefined, []).filter((flag) => flag !== "")).toEqual([]);
  });
});

describe("oldGenerationUsed", () => {
  it("leaves the young generation out", () => {
    const spaces = [
      "read_only_space",
      "new_space",
      "old_space",
      "code_space",
      "large_object_space",
      "new_large_object_space",
    ];
    expect(oldGenerationUsed(spaces.map((space_name) => ({ space_name, space_used_size: 10 })))).toBe(30);
  });
});

describe("heapUsed", () => {
  it("judges a worker thread by its own limit", async () => {
    const program = `
      import { parentPort } from "node:worker_threads";
      import { heapUsed } from "@otel-health/watchdog";
      parentPort.postMessage(await heapUsed().run({}));
    `;
    const at = new URL("worker.mjs", import.meta.url);
    const url = `data:text/javascript,${encodeURIComponent(program.replace("@otel-health/watchdog", new URL("../../src/index.ts", at).href))}`;
    const worker = new Worker(new URL(url), { resourceLimits: { maxOldGenerationSizeMb: 48 } });
    const [outcome] = await once(worker, "message");
    expect(outcome).toMatchObject({ status: "pass", message: expect.stringMatching(/ of 48\.0 MiB$/) });
  });
});
