// The thread that serves probes, which stands still once it is told to.
import { workerData } from "node:worker_threads";

const { stall } = workerData as { readonly stall: Int32Array<SharedArrayBuffer> };
setInterval(() => {
  while (Atomics.load(stall, 0) === 1);
}, 50).unref();
await import("../../packages/watchdog/src/probe-worker.ts");
