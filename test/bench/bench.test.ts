import { execFile } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

interface Ended {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

function bench(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [join(import.meta.dirname, "run.ts"), ...args], (error, stdout, stderr) => {
      resolve({ code: error?.code ?? 0, stdout, stderr });
    });
  });
}

describe("bench", () => {
  it("prints value, goal and unit by name as its only output", async () => {
    const { code, stdout, stderr } = await bench("--json", "--only", "check_runs_per_probe", "--probes", "300");
    expect(stderr).toContain("0 runs in 300 probes");
    expect(JSON.parse(stdout)).toEqual({ check_runs_per_probe: { value: 0, goal: 0, unit: "ratio" } });
    expect(code).toBe(0);
  });

  it.each([
    ["scrape_vs_floor_1000", { goal: 1.2, unit: "ratio" }],
    ["heap_per_check", { goal: 1_500, unit: "bytes" }],
    ["transition_storm", { goal: 1.5, unit: "ratio" }],
    ["span_processor_cost", { goal: 1.3, unit: "ratio" }],
    ["readyz_vs_own_static_koa", { goal: 0.95, atLeast: true, unit: "ratio" }],
    ["grpc_check_vs_bare", { goal: 0.9, atLeast: true, unit: "ratio" }],
  ])("measures %s in one round, where both did the same", { timeout: 60_000 }, async (name, told) => {
    const { code, stdout, stderr } = await bench("--json", "--only", name, "--rounds", "1");
    expect(stderr).toContain(`${name}: round 1 of 1: `);
    expect(JSON.parse(stdout)).toEqual({ [name]: { value: expect.any(Number), ...told } });
    expect(code).toBe(0);
  });

  it("refuses a name that no bench has, and says which there are", async () => {
    const { code, stdout, stderr } = await bench("--json", "--only", "readyz");
    expect(stderr).toMatch(
      /^--only names the bench "readyz", which does not exist; the benches are: .*\brun_vs_floor\b/,
    );
    expect(stdout).toBe("");
    expect(code).toBe(1);
  });

  it.each([
    [["--rounds", "0"], '--rounds must be a whole number from 1 up, got "0"'],
    [["--probes", "many"], '--probes must be a whole number from 1 up, got "many"'],
    [["--quick"], "Unknown option '--quick'"],
  ])("refuses %j before it measures anything", async (args, message) => {
    const { code, stdout, stderr } = await bench(...args);
    expect(stderr).toContain(message);
    expect(stdout).toBe("");
    expect(code).toBe(1);
  });
});
