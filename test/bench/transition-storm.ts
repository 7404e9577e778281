import { isDeepStrictEqual } from "node:util";
import type { Bench, BenchOptions, BenchResult } from "./bench.ts";
import { Contender } from "./contender.ts";
import { pairedRounds } from "./rounds.ts";
import { median, quantile } from "./spread.ts";
import type { Exported, StormAnswers, StormOptions, Storms } from "./storm.ts";

const checks = 1_000;
const flips = 20;

/** Per flip: readiness and serving go with the first check that fails, and come back with the last. */
const probes = 2;

/** A transition span each, and an outage each that recovers. */
const expected: Exported = {
  spans: checks * flips + (checks * flips) / 2,
  logs: (checks + probes) * flips,
  increments: (checks + probes) * flips,
};

/** Block of the loop while 1000 checks flip at once, over that of the same spans, logs and counts by hand. */
export const transitionStorm: Bench = { name: "transition_storm", goal: 1.5, rounds: 16, measure };

async function measure({ rounds, published, progress }: BenchOptions): Promise<BenchResult> {
  const options: StormOptions = { folder: published.folder, checks, flips };
  await using ours = await Contender.start<StormAnswers>("health-storm.ts", JSON.stringify(options));
  await using floor = await Contender.start<StormAnswers>("bare-storm.ts", JSON.stringify(options));
  await ours.ask("start");
  await floor.ask("start");
  const paired = await pairedRounds(
    () => weather(ours),
    () => weather(floor),
    { rounds, warmUps: Math.min(rounds, 3), cost: ({ blocksMs }) => quantile(blocksMs, 0.75), progress },
  );
  const of = (side: "ours" | "floor", q: number) =>
    median(paired.rounds.map((round) => quantile(round[side].blocksMs, q))).toFixed(1);
  const worst = median(
    paired.rounds.map(({ ours, floor }) => Math.max(...ours.blocksMs) / Math.max(...floor.blocksMs)),
  );
  return {
    ...paired,
    notes: [
      `health: ${of("ours", 0.75)} ms, the longest of ${flips} ${of("ours", 1)} ms`,
      `by hand: ${of("floor", 0.75)} ms, the longest ${of("floor", 1)} ms`,
      `ratio of the longest: ${worst.toFixed(3)}`,
      `${expected.spans} spans, ${expected.logs} log records and ${expected.increments} increments a round, none lost`,
    ],
  };
}

/** Throws where anything was lost, or told twice. */
async function weather(contender: Contender<StormAnswers>): Promise<Storms> {
  const storms = await contender.ask("storms");
  if (!isDeepStrictEqual(storms.exported, expected)) {
    throw new Error(`exported ${JSON.stringify(storms.exported)} instead of ${JSON.stringify(expected)}`);
  }
  return storms;
}
