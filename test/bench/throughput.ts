import type { Metered } from "./contender.ts";
import type { Loaded } from "./load.ts";
import { median } from "./spread.ts";

/** Requests a second of CPU of the server: the load generator and the rest of the machine take no part in it. */
export function throughput({ cpuUs, done }: Metered<Loaded>): number {
  return (done.requests * 1_000_000) / cpuUs;
}

/** The same in words, with what was seen by the clock. */
export function describeThroughput(name: string, loads: readonly Metered<Loaded>[]): string {
  const ofCore = median(loads.map(throughput)).toFixed(0);
  const seen = median(loads.map(({ done }) => (done.requests / done.ms) * 1_000)).toFixed(0);
  return `${name}: ${ofCore} requests a second of CPU, ${seen} requests/s`;
}
