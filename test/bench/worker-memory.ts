import type { Bench, BenchOptions, BenchResult } from "./bench.ts";
import type { ConnectionsAnswers } from "./connections.ts";
import type { ConstantAnswer } from "./constant-server.ts";
import { Contender } from "./contender.ts";
import type { WatchedOptions } from "./health-watched.ts";
import { pairedRounds } from "./rounds.ts";
import { median } from "./spread.ts";
import type { WatchedAnswers } from "./watched.ts";

const requests = 200;
const settleMs = 1_000;

/** Private memory that a watchdog adds to a process, over what a bare thread with an HTTP server does. */
export const workerMemory: Bench = { name: "worker_memory_vs_bare", goal: 1.2, rounds: 8, measure };

async function measure({ rounds, published, progress }: BenchOptions): Promise<BenchResult> {
  const made: WatchedOptions = { folder: published.folder, checks: 100 };
  const constant: ConstantAnswer = { rawHeaders: ["Content-Length", "2"], body: "ok" };
  await using prober = await Contender.start<ConnectionsAnswers>("connections.ts");

  /** Bytes of a thread that has answered a while, in a process of its own. */
  const bytesOf = async (file: string, argument: object) => {
    await using watched = await Contender.start<WatchedAnswers>(file, JSON.stringify(argument));
    await sleep();
    const before = await watched.ask("privateBytes");
    const port = await watched.ask("startThread");
    await prober.ask("ask", { port, path: "/livez", requests });
    await sleep();
    return (await watched.ask("privateBytes")) - before;
  };
  const paired = await pairedRounds(
    () => bytesOf("health-watched.ts", made),
    () => bytesOf("bare-watched.ts", constant),
    { rounds, cost: (bytes) => bytes, progress },
  );
  const sides = [
    ["watchdog", paired.rounds.map((round) => round.ours)],
    ["bare", paired.rounds.map((round) => round.floor)],
  ] as const;
  // A round is an object in the raw file.
  const kept = paired.rounds.map(({ ours, floor, ratio }) => ({ ours, floor, ratio }));
  const notes = sides.map(([name, bytes]) => `${name}: ${(median(bytes) / 1_048_576).toFixed(1)} MiB`);
  return { ...paired, rounds: kept, notes };
}

function sleep(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, settleMs));
}
