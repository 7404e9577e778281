import { isDeepStrictEqual } from "node:util";
import type { Bench, BenchOptions, BenchResult } from "./bench.ts";
import { Contender } from "./contender.ts";
import { pairedRounds } from "./rounds.ts";
import { median } from "./spread.ts";
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

/** Longest block of the loop while 1000 checks flip at once, over that of the same spans, logs and counts by hand. */
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
    { rounds, warmUps: Math.min(rounds, 3), cost: ({ longestMs }) => longestMs, progress },
  );
  const of = (side: "ours" | "floor") => median(paired.rounds.map((round) => round[side].longestMs)).toFixed(1);
  return {
    ...paired,
    notes: [
      `health: ${of("ours")} ms, the longest block of ${flips} storms`,
      `by hand: ${of("floor")} ms`,
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
