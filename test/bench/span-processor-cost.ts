import type { Bench, BenchOptions, BenchResult } from "./bench.ts";
import { Contender, type Metered, meterCpu } from "./contender.ts";
import { pairedRounds } from "./rounds.ts";
import { type SpansAnswers, type SpansOptions, spansOfRequest } from "./spans.ts";
import { median } from "./spread.ts";

const requests = 20_000;

/** CPU of one span from its start to its end with the traffic's processor, over that with one that does nothing. */
export const spanProcessorCost: Bench = { name: "span_processor_cost", goal: 1.3, rounds: 16, measure };

async function measure({ rounds, published, progress }: BenchOptions): Promise<BenchResult> {
  const options: SpansOptions = { folder: published.folder };
  await using ours = await Contender.start<SpansAnswers>("traffic-spans.ts", JSON.stringify(options));
  await using floor = await Contender.start<SpansAnswers>("bare-spans.ts");
  await ours.ask("start");
  const write = (contender: Contender<SpansAnswers>) => meterCpu(contender, () => contender.ask("requests", requests));
  const paired = await pairedRounds(
    () => write(ours),
    () => write(floor),
    { rounds, warmUps: 2, cost: usPerSpan, progress },
  );
  // A processor that had counted nothing would have cost nothing.
  const expected = requests * (rounds + 2);
  const counted = await ours.ask("counted");
  if (counted.some((calls) => calls !== expected))
    throw new Error(`of ${expected} calls each the passive checks have counted ${counted.join(" and ")}`);
  const of = (side: "ours" | "floor") => median(paired.rounds.map((round) => usPerSpan(round[side]))).toFixed(3);
  return {
    ...paired,
    notes: [
      `traffic: ${of("ours")} µs CPU a span, of which 2 in ${spansOfRequest} are calls that a check watches`,
      `no-op: ${of("floor")} µs CPU a span`,
    ],
  };
}

function usPerSpan({ cpuUs, done }: Metered<number>): number {
  return cpuUs / done;
}
