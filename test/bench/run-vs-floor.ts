import { setTimeout as sleep } from "node:timers/promises";
import type { Bench, BenchOptions, BenchResult } from "./bench.ts";
import { Contender, meterCpu } from "./contender.ts";
import { pairedRounds } from "./rounds.ts";
import type { ScheduleAnswers, ScheduleOptions } from "./scheduled.ts";
import { median } from "./spread.ts";

const settleMs = 700;
const measureMs = 2_000;
const idleMs = 300;

/** CPU of one scheduled run of a check that does nothing, over that of the least that runs, records and waits. */
export const runVsFloor: Bench = { name: "run_vs_floor", goal: 3, rounds: 16, measure };

interface Scheduled {
  readonly cpuUs: number;
  readonly idleUs: number;
  readonly ms: number;
  readonly runs: number;
}

async function measure({ rounds, published, progress }: BenchOptions): Promise<BenchResult> {
  const options: ScheduleOptions = { folder: published.folder, checks: 1_000, intervalMs: 100 };
  await using ours = await Contender.start<ScheduleAnswers>("health-schedule.ts", JSON.stringify(options));
  await using floor = await Contender.start<ScheduleAnswers>("bare-schedule.ts", JSON.stringify(options));
  const paired = await pairedRounds(
    () => schedule(ours),
    () => schedule(floor),
    { rounds, cost: cpuPerRun, progress },
  );
  const sides = [
    ["health", paired.rounds.map((round) => round.ours)],
    ["bare", paired.rounds.map((round) => round.floor)],
  ] as const;
  return { ...paired, notes: sides.map(([name, scheduled]) => describe(name, scheduled)) };
}

/** Only one contender has a schedule at a time. */
async function schedule(contender: Contender<ScheduleAnswers>): Promise<Scheduled> {
  const idle = await meterCpu(contender, () => sleep(idleMs));
  await contender.ask("start");
  await sleep(settleMs);
  const before = await contender.ask("runs");
  const { cpuUs, ms } = await meterCpu(contender, () => sleep(measureMs));
  const runs = (await contender.ask("runs")) - before;
  const recorded = await contender.ask("stop");
  const all = await contender.ask("runs");
  // A provider that saw nothing would have cost nothing.
  if (Math.abs(recorded - all) > all / 100) throw new Error(`the histogram saw ${recorded} of ${all} runs`);
  return { cpuUs, idleUs: (idle.cpuUs / idle.ms) * ms, ms, runs };
}

function cpuPerRun({ cpuUs, idleUs, runs }: Scheduled): number {
  return (cpuUs - idleUs) / runs;
}

function describe(name: string, scheduled: readonly Scheduled[]): string {
  const us = median(scheduled.map(cpuPerRun)).toFixed(2);
  const perSecond = median(scheduled.map(({ runs, ms }) => (runs / ms) * 1_000)).toFixed(0);
  return `${name}: ${us} µs CPU a run, ${perSecond} runs/s`;
}
