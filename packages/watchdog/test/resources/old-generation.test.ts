import { execFile } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";
import { afterAll, describe, expect, it } from "vitest";
import {
  memoryOfFlags,
  oldGenerationLimit,
  oldGenerationUsed,
  startFlags,
  type WorkerLimits,
} from "../../src/resources/old-generation.ts";
import { bytes } from "../../src/resources/quantities.ts";
import { MemoryGroup } from "./memory-group.ts";

const MiB = 2 ** 20;

const group = MemoryGroup.make(200 * MiB);
afterAll(() => group?.[Symbol.dispose]());
const limitOf = (heapMiB: number, flags: readonly string[] = [], worker?: WorkerLimits) =>
  oldGenerationLimit({ heapLimitBytes: heapMiB * MiB, flags, memoryBytes: 24_105.1 * MiB, worker }) / MiB;

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
    // The same two of a percentage, which wins wherever it stands.
    [5_013, ["--max-old-space-size-percentage=20"], 4_821],
    [4_869, ["--max-old-space-size-percentage=20"], 4_821],
    [5_133, ["--max_old_space_size_percentage", "20.5"], 4_941],
    [4_845, ["--max-old-space-size-percentage=20", "--max-semi-space-size=8", "--max-old-space-size=64"], 4_821],
    // Flags that say nothing.
    [350, ["--max-old-space-size-percentage"], 320],
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

  // What Node 24 says in worker threads, and where they end.
  it.each([
    [224, [], { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 192 }, 32],
    [51, [], { maxOldGenerationSizeMb: 48, maxYoungGenerationSizeMb: 2 }, 48],
    [320, ["--max-old-space-size=128"], { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 192 }, 128],
    [320, ["--max-old-space-size=128"], { maxOldGenerationSizeMb: 4_096, maxYoungGenerationSizeMb: 192 }, 128],
    [433, ["--max-old-space-size-percentage=1"], { maxOldGenerationSizeMb: 600, maxYoungGenerationSizeMb: 192 }, 241],
    // The flags are the process's, and the thread has others.
    [320, [], { maxOldGenerationSizeMb: 4_096, maxYoungGenerationSizeMb: 192 }, 128],
    [72, [], { maxOldGenerationSizeMb: 48, maxYoungGenerationSizeMb: 192 }, 48],
  ])("of a worker thread with a heap of %i MiB, %j and %j is %i", (heap, flags, worker, old) => {
    expect(limitOf(heap, flags, worker)).toBe(old);
  });

  it("reads the flags of NODE_OPTIONS before those of the command line, which win", () => {
    const flags = startFlags(" --enable-source-maps  --max-old-space-size=128", ["--max-old-space-size=64"]);
    expect(limitOf(256, flags)).toBe(64);
    expect(limitOf(256, startFlags("--max-old-space-size=128", []))).toBe(128);
    expect(limitOf(256, startFlags('"--max-old-space-size=128"', []))).toBe(128);
    expect(startFlags(undefined, []).filter((flag) => flag !== "")).toEqual([]);
  });
});

describe("memoryOfFlags", () => {
  it.each([
    [8, 0, 8],
    [8, 2 ** 64, 8],
    [8, 2, 2],
  ])("of a machine with %i and a limit of %i is %i", (total, constrained, memory) => {
    expect(memoryOfFlags(total, constrained)).toBe(memory);
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
  it.skipIf(!process.allowedNodeEnvironmentFlags.has("--max-old-space-size-percentage")).each([
    ["the machine", []],
    ["a control group", group?.enter() ?? []],
  ])("knows the limit of a percentage of the memory of %s", async (_whose, before) => {
    const program = `
      import { getHeapStatistics } from "node:v8";
      import { heapUsed } from ${JSON.stringify(new URL("../../src/index.ts", import.meta.url).href)};
      const { message } = await heapUsed().run({});
      const [, limit] = / of ([\\d.]+ [MG]iB)$/.exec(message);
      process.stdout.write(JSON.stringify({ limit, heap: getHeapStatistics().heap_size_limit / 2 ** 20 }));
    `;
    const flags = ["--max-old-space-size-percentage=40", "--max-semi-space-size=8", "--input-type=module"];
    const [command = "", ...args] = [...before, process.execPath, ...flags, "--eval", program];
    const { stdout } = await promisify(execFile)(command, args);
    const { limit, heap } = JSON.parse(stdout);
    // The young generation is three semi-spaces.
    expect(limit).toBe(bytes((heap - 24) * MiB));
    if (before.length > 0) expect(limit).toBe("80.0 MiB");
  });

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
