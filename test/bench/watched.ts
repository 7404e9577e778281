import { readFileSync } from "node:fs";

/** Questions that a process with a thread that answers probes answers. */
export type WatchedAnswers = {
  /** Starts the thread, and resolves with the port that it listens on. */
  readonly startThread: () => Promise<number>;
  /** Lets a bare heartbeat beat every so many milliseconds. */
  readonly startBeating: (everyMs: number) => void;
  /** Microseconds of CPU that the main thread has used. */
  readonly mainCpuUs: () => number;
  /** Memory that no other process shares, once what can be collected is. */
  readonly privateBytes: () => number;
  /** Keeps the event loop from turning for so long, milliseconds. */
  readonly block: (ms: number) => void;
};

/** All answers but the first: they do not depend on what is measured. */
export const watchedAnswers: Omit<WatchedAnswers, "startThread"> = {
  startBeating(everyMs) {
    const beats = new Int32Array(new SharedArrayBuffer(4));
    setInterval(() => Atomics.store(beats, 0, Math.floor(performance.now())), everyMs).unref();
  },
  mainCpuUs() {
    const { user, system } = process.threadCpuUsage();
    return user + system;
  },
  privateBytes() {
    globalThis.gc?.();
    const rollup = readFileSync("/proc/self/smaps_rollup", "utf8");
    const kilobytes = Array.from(rollup.matchAll(/^Private_\w+: +(\d+) kB$/gm), ([, kb]) => Number(kb));
    return 1_024 * kilobytes.reduce((sum, kb) => sum + kb, 0);
  },
  block(ms) {
    const end = performance.now() + ms;
    while (performance.now() < end);
  },
};
