import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { setPriority } from "node:os";
import { Worker } from "node:worker_threads";
import { Shared } from "./shared.ts";

// A process whose main thread blocks while a worker looks at the times that the kernel counts of it. It may put itself
// into a cgroup first.

const [how = "", path = ""] = process.argv.slice(2);
const shared = new Shared();
const { released } = shared;

if (how === "starved") writeFileSync(path, String(process.pid));
// Others that want the two CPUs of a machine would starve it as well as a quota does.
if (how === "runs") raisePriority();

const worker = new Worker(new URL("timing-worker.ts", import.meta.url), { workerData: { shared: shared.memory } });
await once(worker, "message");
shared.begin();
if (how === "waits") readFileSync(path);
else while (Atomics.load(released, 0) === 0);
await once(worker, "exit");

function raisePriority(): void {
  try {
    setPriority(-20);
  } catch {
    // Only root may.
  }
}
