import type { Bench, BenchOptions, BenchResult } from "./bench.ts";
import { Contender } from "./contender.ts";
import { coreScope, type ScrapeAnswers, type ScrapeOptions } from "./scraped.ts";
import { median } from "./spread.ts";

const few = 1_000;
const many = 11_000;

/** Bytes that one more idle check keeps, less those that the SDK keeps for the same series when they are made by hand. */
export const heapPerCheck: Bench = { name: "heap_per_check", goal: 1_500, unit: "bytes", rounds: 5, measure };

async function measure({ rounds, published, progress }: BenchOptions): Promise<BenchResult> {
  const measured: { readonly health: number; readonly series: number }[] = [];
  for (let i = 0; i < rounds; i++) {
    const health = await perCheck("health-metrics.ts", published.folder);
    const series = await perCheck("bare-metrics.ts", published.folder);
    measured.push({ health, series });
    progress(`round ${i + 1} of ${rounds}: ${(health - series).toFixed(0)}`);
  }
  const bytes = measured.map(({ health, series }) => health - series);
  const of = (side: "health" | "series") => median(measured.map((round) => round[side])).toFixed(0);
  return {
    value: median(bytes),
    ratios: bytes,
    rounds: measured,
    notes: [`health with the SDK's series: ${of("health")} bytes a check`, `the series alone: ${of("series")} bytes`],
  };
}

/** How much more is kept for many checks than for few, by the check: what there is once is in both. */
async function perCheck(file: string, folder: string): Promise<number> {
  return ((await kept(file, folder, many)) - (await kept(file, folder, few))) / (many - few);
}

/** In a process of its own, in which nothing else was ever alive. */
async function kept(file: string, folder: string, checks: number): Promise<number> {
  const options: ScrapeOptions = { folder, checks, scope: coreScope() };
  await using contender = await Contender.start<ScrapeAnswers>(file, JSON.stringify(options));
  await contender.ask("start");
  await contender.ask("scrape", 2);
  return await contender.ask("keptBytes");
}
