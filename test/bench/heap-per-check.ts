import type { Bench, BenchOptions, BenchResult } from "./bench.ts";
import { Contender } from "./contender.ts";
import { sameLines } from "./same-lines.ts";
import { coreScope, type ScrapeAnswers, type ScrapeOptions } from "./scraped.ts";
import { median } from "./spread.ts";

const few = 1_000;
const many = 11_000;

/** Bytes that one more idle check keeps, less those that the SDK keeps for the same series when they are made by hand. */
export const heapPerCheck: Bench = { name: "heap_per_check", goal: 1_500, unit: "bytes", rounds: 5, measure };

/** Bytes a check: before anyone has asked a probe, and with the answers of those that are asked. */
interface Kept {
  readonly idle: number;
  readonly probed: number;
}

async function measure({ rounds, published, progress }: BenchOptions): Promise<BenchResult> {
  await refuseUnequal(published.folder);
  const measured: { readonly health: Kept; readonly series: Kept }[] = [];
  for (let i = 0; i < rounds; i++) {
    const health = await perCheck("health-metrics.ts", published.folder);
    const series = await perCheck("bare-metrics.ts", published.folder);
    measured.push({ health, series });
    progress(`round ${i + 1} of ${rounds}: ${(health.idle - series.idle).toFixed(0)}`);
  }
  const bytes = measured.map(({ health, series }) => health.idle - series.idle);
  const of = (read: (round: { readonly health: Kept; readonly series: Kept }) => number) =>
    median(measured.map(read)).toFixed(0);
  return {
    value: median(bytes),
    ratios: bytes,
    rounds: measured,
    notes: [
      `health with its series: ${of(({ health }) => health.idle)} bytes a check`,
      `the series alone: ${of(({ series }) => series.idle)} bytes`,
      `with the answers of probes that are asked: ${of(({ health, series }) => health.probed - series.probed)} bytes`,
    ],
  };
}

/** What is left out must be what is in it: the series that are made by hand are compared before anything is measured. */
async function refuseUnequal(folder: string): Promise<void> {
  await using health = await start("health-metrics.ts", folder, few);
  await using floor = await start("bare-metrics.ts", folder, few);
  await sameLines(health, floor);
}

/** How much more is kept for many checks than for few, by the check: what there is once is in both. */
async function perCheck(file: string, folder: string): Promise<Kept> {
  const high = await kept(file, folder, many);
  const low = await kept(file, folder, few);
  return { idle: (high.idle - low.idle) / (many - few), probed: (high.probed - low.probed) / (many - few) };
}

/** In a process of its own, in which nothing else was ever alive. */
async function kept(file: string, folder: string, checks: number): Promise<Kept> {
  await using contender = await start(file, folder, checks);
  await contender.ask("scrape", 2);
  const idle = await contender.ask("keptBytes");
  await contender.ask("probe");
  return { idle, probed: await contender.ask("keptBytes") };
}

async function start(file: string, folder: string, checks: number): Promise<Contender<ScrapeAnswers>> {
  const options: ScrapeOptions = { folder, checks, scope: coreScope() };
  const contender = await Contender.start<ScrapeAnswers>(file, JSON.stringify(options));
  await contender.ask("start");
  return contender;
}
