import { parentPort, workerData } from "node:worker_threads";
import { beatThrough } from "@otel-health/watchdog/beat";

// A thread that beats until it is told to do something else.

const { heartbeat, release } = workerData as {
  readonly heartbeat: SharedArrayBuffer;
  readonly release: Int32Array<SharedArrayBuffer>;
};
const beat = beatThrough(heartbeat);
setInterval(beat, 10);
parentPort?.on("message", (what: "block" | "exit") => {
  if (what === "exit") process.exit();
  // Busy, and not merely waiting: code that does not let go.
  while (Atomics.load(release, 0) === 0);
});
