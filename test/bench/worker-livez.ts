import type { Bench, BenchOptions, BenchResult } from "./bench.ts";
import type { Connected, ConnectionsAnswers } from "./connections.ts";
import type { ConstantAnswer } from "./constant-server.ts";
import { Contender } from "./contender.ts";
import type { WatchedOptions } from "./health-watched.ts";
import { pairedRounds } from "./rounds.ts";
import { median } from "./spread.ts";
import type { WatchedAnswers } from "./watched.ts";

const path = "/livez";
const requests = 1_000;
/** The watchdog calls a loop blocked after one second; the answers have to be done before the block is over. */
const blockedAfterMs = 1_500;
const blockMs = 12_000;

/** 99th percentile of the liveness of a watchdog on new connections, over that of a bare thread, while the main loop is blocked. */
export const workerLivezBlocked: Bench = { name: "worker_livez_blocked_vs_bare", goal: 1.3, rounds: 10, measure };

async function measure({ rounds, published, progress }: BenchOptions): Promise<BenchResult> {
  const made: WatchedOptions = { folder: published.folder, checks: 100 };
  await using prober = await Contender.start<ConnectionsAnswers>("connections.ts");
  await using ours = await Contender.start<WatchedAnswers>("health-watched.ts", JSON.stringify(made));
  const port = await ours.ask("startThread");
  const { answer } = await whileBlocked(ours, () => prober.ask("ask", { port, path, requests: 1 }));
  if (!answer.includes('"blockedSince"')) throw new Error(`the loop was not blocked: ${answer}`);
  // A bare thread that gives the same bytes.
  await using floor = await Contender.start<WatchedAnswers>("bare-watched.ts", JSON.stringify(constantOf(answer)));
  const floorPort = await floor.ask("startThread");

  const probe = (watched: Contender<WatchedAnswers>, port: number) =>
    whileBlocked(watched, () => prober.ask("ask", { port, path, requests }));
  const paired = await pairedRounds(
    () => probe(ours, port),
    () => probe(floor, floorPort),
    { rounds, cost: ({ p99Ms }) => p99Ms, progress },
  );
  const sides = [
    ["watchdog", paired.rounds.map((round) => round.ours)],
    ["bare", paired.rounds.map((round) => round.floor)],
  ] as const;
  return { ...paired, notes: sides.map(([name, connected]) => describe(name, connected)) };
}

/** Does the work from some time after the loop stopped turning, and waits until it turns again. */
async function whileBlocked(watched: Contender<WatchedAnswers>, work: () => Promise<Connected>): Promise<Connected> {
  let over = false;
  const blocked = watched.ask("block", blockMs).then(() => {
    over = true;
  });
  await new Promise((resolve) => setTimeout(resolve, blockedAfterMs));
  const done = await work();
  if (over) throw new Error(`the block of ${blockMs} ms was over before the work was done`);
  await blocked;
  return done;
}

/** The same answer, without what node:http adds itself. */
function constantOf(answer: string): ConstantAnswer {
  const end = answer.indexOf("\r\n\r\n");
  const lines = answer.slice(0, end).split("\r\n").slice(1);
  const headers = lines
    .map((line) => line.split(": "))
    .filter(([name = ""]) => !/^(date|connection|keep-alive)$/i.test(name));
  return { rawHeaders: headers.flat(), body: answer.slice(end + 4) };
}

function describe(name: string, connected: readonly Connected[]): string {
  const p99 = median(connected.map(({ p99Ms }) => p99Ms)).toFixed(2);
  const p50 = median(connected.map(({ p50Ms }) => p50Ms)).toFixed(2);
  return `${name}: p99 ${p99} ms, p50 ${p50} ms`;
}
