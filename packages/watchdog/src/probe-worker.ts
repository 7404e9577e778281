import { parentPort, workerData } from "node:worker_threads";
import type { ProbeWork } from "./worker/probe-work.ts";
import { serveProbes } from "./worker/serve-probes.ts";

// Loaded by anyone but startWatchdog() it does nothing.
const given: { readonly probes?: ProbeWork } | null = workerData;
if (parentPort !== null && given?.probes !== undefined) serveProbes(given.probes, parentPort);
