// A process with a watchdog and nothing else to do. Its argument says what becomes of it: `once`: it serves a request;
// `lost`: its thread is lost then; `cycles 1000`: it is started and closed so many times.
import { readdirSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Worker } from "node:worker_threads";
import { createHealth, type Health } from "@otel-health/core";
import { startWatchdog } from "@otel-health/watchdog";

setFlagsFromString("--expose-gc");
const gc: () => void = runInNewContext("gc");

/** What a process may keep too much of. */
async function kept(health: Health): Promise<object> {
  // A thread that has ended is gone from the system a moment later.
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setTimeout(resolve, 50));
  gc();
  return {
    threads: readdirSync("/proc/self/task").length,
    files: readdirSync("/proc/self/fd").length,
    listeners: process.eventNames().map((name) => `${String(name)} ${process.listenerCount(name)}`),
    isHealthRequest: health.isHealthRequest({ method: "GET", url: "/livez/nobody" }),
    heapBytes: process.memoryUsage().heapUsed,
  };
}

const health = createHealth();
await health.start();
const [way, count] = process.argv.slice(2);
if (way === "cycles") {
  const cycle = async () => {
    const { port, close } = await startWatchdog(health, { host: "127.0.0.1" });
    const { status } = await fetch(`http://127.0.0.1:${port}/livez`, { headers: { connection: "close" } });
    if (status !== 200) throw new Error(`served ${status}`);
    await close();
  };
  // What is compiled and cached at first is no leak.
  for (let i = 0; i < 5; i++) await cycle();
  console.log(JSON.stringify(await kept(health)));
  for (let i = 0; i < Number(count); i++) await cycle();
  console.log(JSON.stringify(await kept(health)));
} else {
  const workers: Worker[] = [];
  const threads = process.getBuiltinModule("node:worker_threads");
  threads.Worker = class extends Worker {
    constructor(...args: ConstructorParameters<typeof Worker>) {
      super(...args);
      workers.push(this);
    }
  };
  const { port } = await startWatchdog(health, { host: "127.0.0.1" });
  const { status } = await fetch(`http://127.0.0.1:${port}/livez`, { headers: { connection: "close" } });
  console.log(`served ${status}`);
  if (way === "lost") {
    await workers[0]?.terminate();
    console.log("lost");
  }
}
