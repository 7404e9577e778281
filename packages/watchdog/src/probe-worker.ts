import { isMainThread, parentPort, workerData } from "node:worker_threads";
import type { ProbeWork } from "./worker/probe-work.ts";
import { serveProbes } from "./worker/serve-probes.ts";

// Loaded by anyone but startWatchdog() it does nothing.
const work: { readonly probes?: ProbeWork } | null = workerData;
if (!isMainThread && parentPort !== null && work?.probes !== undefined) {
  serveProbes(work.probes, parentPort, { readTimes: () => undefined, capture: undefined });
}
