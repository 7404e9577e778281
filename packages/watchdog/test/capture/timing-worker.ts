import { parentPort, workerData } from "node:worker_threads";
import { causeOf } from "../../src/capture/block-cause.ts";
import { MainThreadTimes } from "../../src/capture/thread-time.ts";
import { Shared } from "./shared.ts";

// Says what the main thread did in a second of its block.

const shared = new Shared((workerData as { shared: SharedArrayBuffer }).shared);
const times = new MainThreadTimes();
parentPort?.postMessage("here");
shared.sleepUntilBlocked();
const began = process.hrtime.bigint();
const before = times.read();
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000);
const after = times.read();
const elapsedMs = Number(process.hrtime.bigint() - began) / 1_000_000;
times.close();
shared.say({ elapsedMs, state: after.state, ...causeOf(before, after, elapsedMs) });
shared.release();
