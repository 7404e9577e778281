import { appendFileSync, mkdirSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Bench } from "./bench.ts";
import { checkRunsPerProbe } from "./check-runs.ts";
import { grpcCheckVsBare } from "./grpc-check.ts";
import { heapPerCheck } from "./heap-per-check.ts";
import { heartbeatCost } from "./heartbeat-cost.ts";
import { importVsApi, listenVsLean } from "./loading.ts";
import { readyzVsOwnStatic } from "./own-static.ts";
import { publish } from "./published.ts";
import { readyzCpu100, readyzCpu10000 } from "./readyz-cpu.ts";
import { asJson, asTable, type Finding } from "./report.ts";
import { runVsFloor } from "./run-vs-floor.ts";
import { scrapeVsFloor } from "./scrape-vs-floor.ts";
import { spanProcessorCost } from "./span-processor-cost.ts";
import { transitionStorm } from "./transition-storm.ts";
import { workerLivezBlocked } from "./worker-livez.ts";
import { workerMemory } from "./worker-memory.ts";

const benches: readonly Bench[] = [
  readyzCpu100,
  readyzCpu10000,
  ...readyzVsOwnStatic,
  grpcCheckVsBare,
  runVsFloor,
  scrapeVsFloor,
  heapPerCheck,
  transitionStorm,
  spanProcessorCost,
  checkRunsPerProbe,
  importVsApi,
  listenVsLean,
  workerLivezBlocked,
  heartbeatCost,
  workerMemory,
];

interface Settings {
  readonly json: boolean;
  readonly chosen: readonly Bench[];
  readonly rounds: number | undefined;
  readonly probes: number;
}

function readSettings(args: readonly string[]): Settings {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: "boolean", default: false },
      only: { type: "string" },
      rounds: { type: "string" },
      probes: { type: "string", default: "100000" },
    },
  });
  const { json, only, rounds, probes } = values;
  const chosen = only === undefined ? benches : benches.filter(({ name }) => name === only);
  if (chosen.length === 0) {
    throw new Error(
      `--only names the bench "${only}", which does not exist; the benches are: ${benches.map(({ name }) => name).join(", ")}`,
    );
  }
  return {
    json,
    chosen,
    rounds: rounds === undefined ? undefined : count("rounds", rounds),
    probes: count("probes", probes),
  };
}

function count(flag: string, given: string): number {
  const number = Number(given);
  if (!Number.isInteger(number) || number < 1)
    throw new Error(`--${flag} must be a whole number from 1 up, got "${given}"`);
  return number;
}

/** Appends every round to the bench's own file, with where and when it was measured; one line a run. */
function keep({ bench: { name, goal }, result }: Finding): string {
  const folder = join(import.meta.dirname, "results");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name}.jsonl`);
  const where = { at: new Date(), node: process.version, cpus: availableParallelism(), model: cpus()[0]?.model };
  appendFileSync(file, `${JSON.stringify({ name, goal, ...where, ...result })}\n`);
  return file;
}

async function main({ json, chosen, rounds, probes }: Settings): Promise<void> {
  const published = await publish();
  const findings: Finding[] = [];
  for (const bench of chosen) {
    const progress = (line: string) => console.error(`${bench.name}: ${line}`);
    progress(`goal ${bench.goal}`);
    const result = await bench.measure({ rounds: rounds ?? bench.rounds, probes, published, progress });
    const finding = { bench, result };
    findings.push(finding);
    progress(`${result.value.toFixed(3)}, every round is in ${keep(finding)}`);
  }
  console.log(json ? asJson(findings) : asTable(findings));
}

try {
  await main(readSettings(process.argv.slice(2)));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
