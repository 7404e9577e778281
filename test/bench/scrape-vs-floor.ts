import type { Bench, BenchOptions, BenchResult } from "./bench.ts";
import { Contender, type Metered, meterCpu } from "./contender.ts";
import { pairedRounds } from "./rounds.ts";
import { sameLines } from "./same-lines.ts";
import { coreScope, type ScrapeAnswers, type ScrapeOptions } from "./scraped.ts";
import { median } from "./spread.ts";

const checks = 1_000;
const scrapes = 10;

/** CPU of one Prometheus page with the series of 1000 checks, over the same page of series that are observed by hand. */
export const scrapeVsFloor: Bench = { name: "scrape_vs_floor_1000", goal: 1.2, rounds: 16, measure };

async function measure({ rounds, published, progress }: BenchOptions): Promise<BenchResult> {
  const options: ScrapeOptions = { folder: published.folder, checks, scope: coreScope() };
  await using ours = await Contender.start<ScrapeAnswers>("health-metrics.ts", JSON.stringify(options));
  await using floor = await Contender.start<ScrapeAnswers>("bare-metrics.ts", JSON.stringify(options));
  await ours.ask("start");
  await floor.ask("start");
  const lines = await sameLines(ours, floor);
  const paired = await pairedRounds(
    () => meterCpu(ours, () => ours.ask("scrape", scrapes)),
    () => meterCpu(floor, () => floor.ask("scrape", scrapes)),
    { rounds, warmUps: Math.min(rounds, 4), cost: ({ cpuUs }) => cpuUs, progress },
  );
  const perPage = (side: "ours" | "floor") =>
    (
      median(paired.rounds.map((round): Metered<void> => round[side]).map(({ cpuUs }) => cpuUs)) /
      scrapes /
      1_000
    ).toFixed(1);
  return {
    ...paired,
    notes: [
      `${lines} lines, the same in both`,
      `health: ${perPage("ours")} ms CPU a page`,
      `by hand: ${perPage("floor")} ms CPU a page`,
    ],
  };
}
