// A process that closes its watchdog as soon as a stack was read, and says whether the thread was there for the moment
// that the main thread needs to let go of the session.
import { Worker, type WorkerOptions } from "node:worker_threads";
import { createHealth } from "@otel-health/core";
import { startWatchdog } from "@otel-health/watchdog";

/** Whether the thread has let go of its session, and whether it was there a moment later. */
const traced = new Int32Array(new SharedArrayBuffer(8));
process.getBuiltinModule("node:worker_threads").Worker = class extends Worker {
  constructor(_url: URL, options: WorkerOptions) {
    super(new URL("tracing-worker.ts", import.meta.url), { ...options, workerData: { ...options.workerData, traced } });
  }
};
const health = createHealth();
const patient = { unreadyAfterMs: 60_000, deadAfterMs: 60_000 };
const watchdog = await startWatchdog(health, { host: "127.0.0.1", heartbeatMs: 10, blockedAfterMs: 40, ...patient });
while (Atomics.load(traced, 0) === 0);
await watchdog.close();
process.stdout.write(`${Atomics.load(traced, 1) === 1 ? "it was there" : "it was gone"}\n`);
