import { createInterface } from "node:readline";
import { Worker } from "node:worker_threads";
import { createHealth } from "@otel-health/core";
import { recordTransitions } from "@otel-health/core/testing";
import { threadHeartbeat } from "@otel-health/watchdog";

// A process with a thread that beats. Asked, it tells what its health was so far, once it has looked at the thread anew.

const maxAgeMs = 4_000;
const { check, buffer } = threadHeartbeat({ maxAgeMs });
const health = createHealth({ checks: { worker: check } });
const transitions = recordTransitions(health);
const release = new Int32Array(new SharedArrayBuffer(4));
new Worker(new URL("./beating-thread.ts", import.meta.url), { workerData: { heartbeat: buffer, release } });
health.on("transition", (transition) => {
  if (transition.type === "check") process.stdout.write(`${transition.state}\n`);
});
await health.start();

createInterface(process.stdin)
  .on("line", () => {
    setTimeout(() => process.stdout.write(`now: ${transitions.statesOf("worker").join(" ")}\n`), 1_000);
  })
  .on("close", () => process.exit());
