// A process that drains, alone or as each of two workers of a cluster, of which the second is to speak for the unit. It
// says which process has drained with which options, and lives until its stdin ends.
import cluster from "node:cluster";
import { once } from "node:events";
import { createHealth } from "@otel-health/core";
import { startWatchdog } from "@otel-health/watchdog";

const everyWorker = [{}, { systemd: true }];

async function drain(options: object): Promise<void> {
  const health = createHealth();
  await startWatchdog(health, { host: "127.0.0.1", ...options });
  await health.start();
  await health.drain({ delayMs: 0 });
  process.stdout.write(`${JSON.stringify({ pid: process.pid, options })}\n`);
}

if (cluster.isWorker) await drain(JSON.parse(process.env["OPTIONS"] ?? "{}"));
else {
  if (process.argv[2] === "alone") await drain({});
  else for (const options of everyWorker) cluster.fork({ OPTIONS: JSON.stringify(options) });
  await once(process.stdin.resume(), "end");
  process.exit();
}
