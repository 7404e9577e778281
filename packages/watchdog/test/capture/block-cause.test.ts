import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Child } from "@otel-health/testkit";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { type BlockCause, causeOf } from "../../src/capture/block-cause.ts";
import { hasNoQuota, twentiethOfACpu } from "./cpu-quota.ts";

const total = fc.option(fc.double({ min: 0, max: 1e9, noNaN: true }), { nil: undefined });
const times = fc.record(
  { onCpuMs: total, queuedMs: total, throttledMs: total, state: fc.constantFrom("R", "S", "D") },
  { requiredKeys: [] },
);
const step = fc.double({ min: 0, max: 1e5, noNaN: true });

/** All that is not said of one of them is left out, as the reader leaves it out. */
const known = (record: object) => Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));

describe("causeOf()", () => {
  it("shares out the time that has passed", () => {
    fc.assert(
      fc.property(
        times.map(known),
        times.map(known),
        fc.double({ min: -10, max: 1e6, noNaN: true }),
        (before, after, elapsedMs) => {
          const { cause, onCpuMs, starvedMs, throttledMs } = causeOf(before, after, elapsedMs);
          expect(onCpuMs).toBeGreaterThanOrEqual(0);
          expect(starvedMs).toBeGreaterThanOrEqual(0);
          expect(onCpuMs + starvedMs).toBeLessThanOrEqual(Math.max(0, elapsedMs) * (1 + 1e-9));
          if (throttledMs !== undefined) expect(throttledMs).toBeLessThanOrEqual(Math.max(0, elapsedMs));
          if (cause === "running") expect(onCpuMs).toBeGreaterThanOrEqual(starvedMs);
          if (cause === "starved") expect(starvedMs).toBeGreaterThan(onCpuMs);
        },
      ),
    );
  });

  it("names what took most of it", () => {
    const state = fc.constantFrom("R", "S", "D", "T");
    fc.assert(
      fc.property(step, step, step, state, step, (ran, queued, waited, state, offset) => {
        const [longest = 0, second = 0] = [ran, queued, waited].sort((a, b) => b - a);
        fc.pre(longest > second + 1e-3);
        const before = { onCpuMs: offset, queuedMs: offset, state: "R" };
        const after = { onCpuMs: offset + ran, queuedMs: offset + queued, state };
        const words = [
          [ran, "running"],
          [queued, "starved"],
          [waited, state === "R" ? "unknown" : "waiting"],
        ] as const;
        const word = words.find(([ms]) => ms === longest)?.[1];
        expect(causeOf(before, after, ran + queued + waited).cause).toBe(word);
      }),
    );
  });

  it.each([
    [{}, {}],
    [{ onCpuMs: 1, queuedMs: 1 }, {}],
    [{}, { onCpuMs: 1, queuedMs: 1 }],
    [{ onCpuMs: 1 }, { onCpuMs: 2 }],
    [
      { onCpuMs: 3, queuedMs: 1 },
      { onCpuMs: 2, queuedMs: 2 },
    ],
  ])("knows nothing where the kernel does not say, and starves nothing", (before, after) => {
    expect(causeOf(before, after, 1_000)).toEqual({ cause: "unknown", onCpuMs: 0, starvedMs: 0 });
  });

  it("tells of the quota, and of no more than has passed: it counts for each CPU", () => {
    const before = { onCpuMs: 0, queuedMs: 0, throttledMs: 100 };
    const after = { onCpuMs: 100, queuedMs: 900, throttledMs: 1_900, state: "R" };
    expect(causeOf(before, after, 1_000)).toEqual({
      cause: "starved",
      onCpuMs: 100,
      starvedMs: 900,
      throttledMs: 1_000,
    });
  });
});

interface Told extends BlockCause {
  readonly elapsedMs: number;
  readonly state: string;
}

async function told(...args: readonly string[]): Promise<Told> {
  await using child = new Child({
    command: process.execPath,
    args: [join(import.meta.dirname, "cause-process.ts"), ...args],
  });
  const line = await child.waitForLine(/elapsedMs/);
  if (args[0] === "waits") writeFileSync(args[1] ?? "", "at last");
  expect(await child.exited).toEqual({ code: 0, signal: null });
  return JSON.parse(line);
}

describe.skipIf(process.platform !== "linux")("the cause of a real block", () => {
  it("is its own code, which runs", async () => {
    const { cause, elapsedMs, onCpuMs, starvedMs, state } = await told("runs");
    expect([cause, state]).toEqual(["running", "R"]);
    // It did nothing else, however much of the machine it got.
    expect(onCpuMs + starvedMs).toBeGreaterThan(elapsedMs * 0.8);
  });

  it("is a system call, which it waits for", async () => {
    const folder = mkdtempSync(join(tmpdir(), "cause-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const fifo = join(folder, "fifo");
    execFileSync("mkfifo", [fifo]);
    expect(await told("waits", fifo)).toMatchObject({ cause: "waiting", state: "S" });
  });

  it.skipIf(hasNoQuota())("is the quota of its cgroup, while its code does little", async () => {
    const folder = twentiethOfACpu("starved");
    const { cause, elapsedMs, onCpuMs, starvedMs, throttledMs } = await told("starved", join(folder, "cgroup.procs"));
    expect(cause).toBe("starved");
    expect(starvedMs).toBeGreaterThan(onCpuMs * 3);
    expect(throttledMs).toBeGreaterThan(elapsedMs / 2);
  });
});
