import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Bench, BenchOptions, BenchResult } from "./bench.ts";
import { pairedRounds } from "./rounds.ts";
import { median } from "./spread.ts";

const api = `await import("@opentelemetry/api");`;

/** Milliseconds to import the core, which imports the API, over those of the API alone. */
export const importVsApi: Bench = {
  name: "import_ms_vs_api",
  goal: 1.5,
  rounds: 25,
  measure: (options) => compare(`await import("@otel-health/core");`, api, options),
};

/** Milliseconds from nothing to probes that are answered, over those to the API and a bare server. */
export const listenVsLean: Bench = {
  name: "listen_vs_lean",
  goal: 1.3,
  rounds: 25,
  measure: (options) =>
    compare(
      `
        const { createHealth, listenHealth } = await import("@otel-health/http");
        const health = createHealth({ checks: { queue: () => {} } });
        await listenHealth(health, { port: 0, host: "127.0.0.1" });
      `,
      `
        ${api}
        const { createServer } = process.getBuiltinModule("node:http");
        const server = createServer((request, response) => response.end());
        await new Promise((resolve) => server.listen({ port: 0, host: "127.0.0.1" }, resolve));
      `,
      options,
    ),
};

async function compare(ours: string, floor: string, options: BenchOptions): Promise<BenchResult> {
  const { rounds, published, progress } = options;
  const paired = await pairedRounds(
    () => timed(published.folder, ours),
    () => timed(published.folder, floor),
    // The first pairs read the files that the others find in memory.
    { rounds, warmUps: 2, cost: (ms) => ms, progress },
  );
  const of = (side: "ours" | "floor") => median(paired.rounds.map((round) => round[side])).toFixed(1);
  return { ...paired, rounds: paired.rounds, notes: [`health: ${of("ours")} ms`, `bare: ${of("floor")} ms`] };
}

/** Milliseconds that the code takes in a process of its own, which begins with nothing loaded. */
async function timed(folder: string, code: string): Promise<number> {
  const { NODE_OPTIONS, ...env } = process.env;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      "--input-type=module",
      "--eval",
      `const began = performance.now(); ${code} console.log(performance.now() - began); process.exit();`,
    ],
    { cwd: folder, env: { ...env, NODE_ENV: "production" }, timeout: 30_000 },
  );
  return Number(stdout);
}
