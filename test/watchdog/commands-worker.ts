// Reads the lines of stdin, hands them to the main thread, and keeps "release" for itself: it ends the main thread's block.
import { Socket } from "node:net";
import { createInterface } from "node:readline";
import { parentPort, workerData } from "node:worker_threads";
import type { Released } from "./blocks.ts";

const released: Released = workerData;
createInterface(new Socket({ fd: 0 })).on("line", (line) => {
  if (line !== "release") return parentPort?.postMessage(line);
  Atomics.store(released, 0, 1);
  Atomics.notify(released, 0);
});
