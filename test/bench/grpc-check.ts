import type { Bench, BenchOptions, BenchResult } from "./bench.ts";
import { Contender, type Metered, meterCpu } from "./contender.ts";
import type { GrpcLoadAnswers } from "./grpc-load.ts";
import type { GrpcServerAnswers } from "./grpc-server.ts";
import type { Loaded } from "./load.ts";
import { pairedRounds } from "./rounds.ts";
import { describeThroughput, throughput } from "./throughput.ts";

/** Calls of `Check` a second of CPU over those of a bare unary handler that answers the same bytes. */
export const grpcCheckVsBare: Bench = {
  name: "grpc_check_vs_bare",
  goal: 0.9,
  atLeast: true,
  rounds: 16,
  measure,
};

async function measure({ rounds, progress }: BenchOptions): Promise<BenchResult> {
  await using load = await Contender.start<GrpcLoadAnswers>("grpc-load.ts");
  await using server = await Contender.start<GrpcServerAnswers>("grpc-server.ts");
  const port = await server.ask("listen");
  const ask = (method: string): Promise<Metered<Loaded>> =>
    meterCpu(server, () => load.ask("load", { port, method, lanes: 16, withinMs: 600 }));
  const paired = await pairedRounds(
    () => ask("/grpc.health.v1.Health/Check"),
    () => ask("/bare.v1.Bare/Get"),
    { rounds, warmUps: 2, cost: throughput, progress },
  );
  const sides = [
    ["Check", paired.rounds.map((round) => round.ours)],
    ["bare", paired.rounds.map((round) => round.floor)],
  ] as const;
  return { ...paired, notes: sides.map(([name, loads]) => describeThroughput(name, loads)) };
}
