import { setTimeout as sleep } from "node:timers/promises";
import type { Bench, BenchOptions, BenchResult } from "./bench.ts";
import { Contender, meterCpu } from "./contender.ts";
import { pairedRounds } from "./rounds.ts";
import type { ScheduleAnswers, ScheduleOptions } from "./scheduled.ts";
import { median } from "./spread.ts";

const settleMs = 700;
const measureMs = 2_000;
const idleMs = 1_000;

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
  // Before anything has run: later, an idle process still collects the garbage of its last round.
  const idle = { ours: await idleShare(ours), floor: await idleShare(floor) };
  const paired = await pairedRounds(
    () => schedule(ours, idle.ours),
    () => schedule(floor, idle.floor),
    { rounds, cost: cpuPerRun, progress },
  );
  const sides = [
    ["health", paired.rounds.map((round) => round.ours)],
    ["bare", paired.rounds.map((round) => round.floor)],
  ] as const;
  return { ...paired, notes: sides.map(([name, scheduled]) => describe(name, scheduled)) };
}

/** CPU of a process that runs nothing, in microseconds a millisecond. */
async function idleShare(contender: Contender<ScheduleAnswers>): Promise<number> {
  await sleep(settleMs);
  const { cpuUs, ms } = await meterCpu(contender, () => sleep(idleMs));
  return cpuUs / ms;
}

/** Only one contender has a schedule at a time. */
async function schedule(contender: Contender<ScheduleAnswers>, idle: number): Promise<Scheduled> {
  await contender.ask("start");
  await sleep(settleMs);
  const before = await contender.ask("runs");
  const { cpuUs, ms } = await meterCpu(contender, () => sleep(measureMs));
  const runs = (await contender.ask("runs")) - before;
  const recorded = await contender.ask("stop");
  const all = await contender.ask("runs");
  // A provider that saw nothing would have cost nothing.
  if (Math.abs(recorded - all) > all / 100) throw new Error(`the histogram saw ${recorded} of ${all} runs`);
  return { cpuUs, idleUs: idle * ms, ms, runs };
}

function cpuPerRun({ cpuUs, idleUs, runs }: Scheduled): number {
  return (cpuUs - idleUs) / runs;
}

function describe(name: string, scheduled: readonly Scheduled[]): string {
  const us = median(scheduled.map(cpuPerRun)).toFixed(2);
  const perSecond = median(scheduled.map(({ runs, ms }) => (runs / ms) * 1_000)).toFixed(0);
  return `${name}: ${us} µs CPU a run, ${perSecond} runs/s`;
}
