import { setImmediate as turn } from "node:timers/promises";

/** Bytes of objects and buffers that are alive in this process. It has to be run with `--expose-gc`. */
export async function keptBytes(): Promise<number> {
  if (globalThis.gc === undefined) throw new Error("there is no gc; run it with --expose-gc");
  // Weak entries and finalizers keep their objects for one more collection.
  for (let i = 0; i < 3; i++) {
    globalThis.gc();
    await turn();
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
