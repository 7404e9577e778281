import { type Framework, frameworks } from "../frameworks/serve.ts";
import type { Bench, BenchOptions, BenchResult } from "./bench.ts";
import { Contender, type Metered, meterCpu } from "./contender.ts";
import type { FrameworkServerAnswers } from "./framework-server.ts";
import type { LoadAnswers, Loaded } from "./load.ts";
import { pairedRounds } from "./rounds.ts";
import { describeThroughput, throughput } from "./throughput.ts";

/** Requests a second of CPU of a probe over those of a static route of the framework itself, with the same body. */
export const readyzVsOwnStatic: readonly Bench[] = frameworks.map((framework) => ({
  name: `readyz_vs_own_static_${framework}`,
  goal: 0.95,
  atLeast: true,
  rounds: 16,
  measure: (options) => measure(framework, options),
}));

async function measure(framework: Framework, { rounds, progress }: BenchOptions): Promise<BenchResult> {
  await using load = await Contender.start<LoadAnswers>("load.ts");
  await using server = await Contender.start<FrameworkServerAnswers>("framework-server.ts", framework);
  const port = await server.ask("listen");
  const ask = (path: string): Promise<Metered<Loaded>> =>
    meterCpu(server, () => load.ask("load", { port, paths: [path], connections: 16, withinMs: 400 }));
  const paired = await pairedRounds(
    () => ask("/readyz"),
    () => ask("/orders"),
    { rounds, warmUps: 2, cost: throughput, progress },
  );
  const sides = [
    ["probe", paired.rounds.map((round) => round.ours)],
    ["own route", paired.rounds.map((round) => round.floor)],
  ] as const;
  return { ...paired, notes: sides.map(([name, loads]) => describeThroughput(name, loads)) };
}
