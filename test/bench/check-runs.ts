import { setTimeout as sleep } from "node:timers/promises";
import type { Bench, BenchOptions, BenchResult } from "./bench.ts";
import { Contender } from "./contender.ts";
import type { HealthServerAnswers, HealthServerOptions } from "./health-server.ts";
import type { LoadAnswers } from "./load.ts";

const checks = 10;
const intervalMs = 100;
const hourMs = 3_600_000;
const paths = ["/readyz", "/livez", "/startupz", "/servez", "/readyz?verbose", "/ready/"];

/**
 * Check runs that probes cause, by the probe. The schedule's timers are held while the probes come in, so that it owes
 * no run, though every result is overdue: a library that runs checks for whoever asks, or whenever a cached result has
 * expired, would run them now.
 */
export const checkRunsPerProbe: Bench = {
  name: "check_runs_per_probe",
  goal: 0,
  rounds: 1,
  measure,
};

async function measure({ rounds, probes, published, progress }: BenchOptions): Promise<BenchResult> {
  const made: HealthServerOptions = { folder: published.folder, checks, intervalMs };
  await using load = await Contender.start<LoadAnswers>("load.ts");
  await using server = await Contender.start<HealthServerAnswers>("health-server.ts", JSON.stringify(made));
  const port = await server.ask("start");
  const counted: { readonly runs: number; readonly requests: number }[] = [];
  for (let i = 0; i < rounds; i++) {
    await server.ask("hold");
    const before = await server.ask("runs");
    // One half of the probes sees results that are due or about to be, the other half such as are an hour old.
    const due = await load.ask("load", halfOf(probes));
    await server.ask("skip", hourMs);
    const old = await load.ask("load", halfOf(probes));
    const runs = (await server.ask("runs")) - before;
    const requests = due.requests + old.requests;
    counted.push({ runs, requests });
    progress(`${runs} runs in ${requests} probes`);
    await server.ask("release");
    await untilRunAgain(server, before + runs);
  }

  const all = counted.reduce((sum, { runs }) => sum + runs, 0);
  const requests = counted.reduce((sum, { requests }) => sum + requests, 0);
  const ratios = counted.map(({ runs, requests }) => runs / requests);
  return { value: all / requests, ratios, rounds: counted, notes: [`${all} runs in ${requests} probes`] };

  function halfOf(probes: number) {
    return { port, paths, connections: 16, withinMs: 100_000, requests: Math.ceil(probes / 2) };
  }
}

/** The count proves something only where there is a schedule to be held. */
async function untilRunAgain(server: Contender<HealthServerAnswers>, runs: number): Promise<void> {
  const giveUpAt = performance.now() + 10_000;
  while ((await server.ask("runs")) < runs + checks) {
    if (performance.now() > giveUpAt) throw new Error("the schedule did not go on once its timers were released");
    await sleep(intervalMs);
  }
}
