import { setTimeout as sleep } from "node:timers/promises";
import type { Bench, BenchOptions, BenchResult } from "./bench.ts";
import { Contender } from "./contender.ts";
import type { WatchedOptions } from "./health-watched.ts";
import { median } from "./spread.ts";
import type { WatchedAnswers } from "./watched.ts";

const everyMs = 100;
const windowMs = 10_000;
/** The first runs of all checks, and what is compiled meanwhile. */
const settleMs = 15_000;

/** CPU that a watchdog costs the main thread of a service with 100 checks, over what a bare heartbeat costs it. */
export const heartbeatCost: Bench = { name: "heartbeat_cost", goal: 1.5, rounds: 12, measure };

/** Microseconds of the main thread in one window. */
interface Beaten {
  readonly watchdog: number;
  readonly bare: number;
  /** The same service with neither: its schedule, which is in the other two as well. */
  readonly neither: number;
}

async function measure({ rounds, published, progress }: BenchOptions): Promise<BenchResult> {
  const made: WatchedOptions = { folder: published.folder, checks: 100 };
  const start = () => Contender.start<WatchedAnswers>("health-watched.ts", JSON.stringify(made));
  await using watchdog = await start();
  await using bare = await start();
  await using neither = await start();
  await watchdog.ask("startThread");
  await bare.ask("startBeating", everyMs);
  await sleep(settleMs);

  const cpu = async (): Promise<Beaten> => ({
    watchdog: await watchdog.ask("mainCpuUs"),
    bare: await bare.ask("mainCpuUs"),
    neither: await neither.ask("mainCpuUs"),
  });
  const beaten: (Beaten & { readonly ratio: number })[] = [];
  for (let i = 0; i < rounds; i++) {
    const before = await cpu();
    // All three at once: each is idle nearly all the time, and none is measured in a better minute than the others.
    await sleep(windowMs);
    const after = await cpu();
    const used = {
      watchdog: after.watchdog - before.watchdog,
      bare: after.bare - before.bare,
      neither: after.neither - before.neither,
    };
    const ratio = (used.watchdog - used.neither) / (used.bare - used.neither);
    beaten.push({ ...used, ratio });
    progress(`round ${i + 1} of ${rounds}: ${ratio.toFixed(3)}`);
  }
  const ratios = beaten.map(({ ratio }) => ratio);
  // What is compared is a fraction of what all three do anyway: a single round has little of it, all of them have enough.
  const all = (name: keyof Beaten) => beaten.reduce((sum, used) => sum + used[name], 0);
  const value = (all("watchdog") - all("neither")) / (all("bare") - all("neither"));
  const notes = (["watchdog", "bare", "neither"] as const).map((name) => {
    const share = median(beaten.map((used) => used[name])) / windowMs / 10;
    return `${name}: ${share.toFixed(3)} % of a core`;
  });
  return { value, ratios, rounds: beaten, notes };
}
