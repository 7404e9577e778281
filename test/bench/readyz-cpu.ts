import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import type { Bench, BenchOptions, BenchResult } from "./bench.ts";
import type { ConstantAnswer, ConstantServerAnswers } from "./constant-server.ts";
import { Contender, type Metered, meterCpu } from "./contender.ts";
import type { HealthServerAnswers, HealthServerOptions } from "./health-server.ts";
import type { LoadAnswers, Loaded } from "./load.ts";
import { pairedRounds } from "./rounds.ts";
import { median } from "./spread.ts";

const goal = 1.1;
const path = "/readyz";
const connections = 16;

/** CPU of a probe of 100 checks over that of the same bytes from the best bare server. */
export const readyzCpu100: Bench = {
  name: "readyz_cpu_vs_best_100",
  goal,
  rounds: 40,
  measure: (options) => measure({ checks: 100, loadMs: 400, besideMs: 0 }, options),
};

/** The same with 10 000 checks under way; what their runs and renderings cost is taken out. */
export const readyzCpu10000: Bench = {
  name: "readyz_cpu_vs_best_10000",
  goal,
  rounds: 16,
  measure: (options) => measure({ checks: 10_000, loadMs: 1_000, besideMs: 500 }, options),
};

interface Variant {
  readonly checks: number;
  readonly loadMs: number;
  /** For as long the CPU without probes is read before and after the load, to be taken out; 0: it is left in. */
  readonly besideMs: number;
}

interface Probed extends Metered<Loaded> {
  /** CPU that is not the probes'. */
  readonly besideUs: number;
}

async function measure(
  { checks, loadMs, besideMs }: Variant,
  { rounds, published, progress }: BenchOptions,
): Promise<BenchResult> {
  const made: HealthServerOptions = { folder: published.folder, checks };
  await using load = await Contender.start<LoadAnswers>("load.ts");
  await using ours = await Contender.start<HealthServerAnswers>("health-server.ts", JSON.stringify(made));
  await using floor = await Contender.start<ConstantServerAnswers>("constant-server.ts");
  const port = await ours.ask("start");
  const floorPort = await floor.ask("listen", await answerOf(port));

  const probe = async (server: Contender<{ cpuUs: () => number }>, port: number): Promise<Probed> => {
    const beside = () => meterCpu(server, () => sleep(besideMs));
    const before = await beside();
    const probed = await meterCpu(server, () =>
      load.ask("load", { port, paths: [path], connections, withinMs: loadMs }),
    );
    const after = await beside();
    const share = besideMs === 0 ? 0 : (before.cpuUs + after.cpuUs) / (before.ms + after.ms);
    return { ...probed, besideUs: share * probed.ms };
  };
  const paired = await pairedRounds(
    () => probe(ours, port),
    () => probe(floor, floorPort),
    { rounds, cost: cpuPerRequest, progress },
  );
  const sides = [
    ["health", paired.rounds.map((round) => round.ours)],
    ["bare", paired.rounds.map((round) => round.floor)],
  ] as const;
  return { ...paired, notes: sides.map(([name, probed]) => describe(name, probed)) };
}

function cpuPerRequest({ cpuUs, besideUs, done }: Probed): number {
  return (cpuUs - besideUs) / done.requests;
}

function describe(name: string, probed: readonly Probed[]): string {
  const us = median(probed.map(cpuPerRequest)).toFixed(1);
  const perSecond = median(probed.map(({ done }) => (done.requests / done.ms) * 1_000)).toFixed(0);
  const beside = median(probed.map(({ besideUs, ms }) => besideUs / ms / 10)).toFixed(1);
  return `${name}: ${us} µs CPU a request, ${perSecond} requests/s${beside === "0.0" ? "" : `; ${beside} % of a core for its schedule, taken out`}`;
}

/** The answer to copy: the same bytes but for what node:http adds itself. */
async function answerOf(port: number): Promise<ConstantAnswer> {
  const { get } = process.getBuiltinModule("node:http");
  return new Promise((resolve, reject) => {
    get({ port, host: "127.0.0.1", path, agent: false }, async (response) => {
      const body = await text(response);
      const own = new Set(["date", "connection", "keep-alive"]);
      const { rawHeaders: all } = response;
      const rawHeaders = all.filter((_, i) => !own.has((all[i - (i % 2)] as string).toLowerCase()));
      resolve({ rawHeaders, body });
    }).on("error", reject);
  });
}
