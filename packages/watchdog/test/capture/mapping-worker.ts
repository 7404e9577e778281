import { parentPort, workerData } from "node:worker_threads";
import { mapFrames } from "../../src/capture/source-maps.ts";

// A thread with a heap as small as that of one that watches.
parentPort?.postMessage(await mapFrames(workerData.frames, { withinMs: 60_000 }));
