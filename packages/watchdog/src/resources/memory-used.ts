import { totalmem } from "node:os";
import { type FunctionCheck, pass } from "@otel-health/core";
import { judge, readBounds } from "./bounds.ts";
import { limitedGroups } from "./control-groups.ts";
import { bytes, percent } from "./quantities.ts";
import { type ReadFile, readKernelFile } from "./read-file.ts";
import { demandOptions, resourceCheck } from "./resource-check.ts";
import { type ShareOptions, shareOptions } from "./share-options.ts";

const hint =
  "the kernel kills the process at the limit, without a word: look for a leak outside of the heap (buffers, native modules) as well, or raise the limit";

/** The memory of which there is least left. */
export interface UsedMemory {
  readonly share: number;
  /** How much of what is in use, for an operator. */
  readonly text: string;
}

/**
 * Memory against the limit of the control group (version 1 or 2, also one around the process's own), and without one
 * against the machine's; degraded above `warnAbove` (default 0.8), failing above `failAbove` (default 0.95). In a group
 * it counts what all processes in it use and the kernel cannot take back, which is what it kills for; elsewhere RSS.
 * Not critical: memory once used is seldom given back, so an instance that was taken out would never come back.
 */
export function memoryUsed(options: ShareOptions = {}): FunctionCheck {
  const where = "memoryUsed()";
  const { warnAbove = 0.8, failAbove = 0.95 } = demandOptions(where, options);
  const bounds = readBounds(where, "", { warnAbove, failAbove, show: percent });
  return resourceCheck(where, options, shareOptions, {
    critical: false,
    hint,
    run() {
      let rssBytes: number;
      try {
        rssBytes = process.memoryUsage.rss();
      } catch (error) {
        // It is read from a file, as the limits are: for want of a descriptor nothing would be known of those either.
        return pass(`the memory in use cannot be told: ${(error as NodeJS.ErrnoException).code}`);
      }
      const { share, text } = usedMemory(readKernelFile, totalmem(), rssBytes);
      return judge(share, bounds, text);
    },
  });
}

/** The memory of now, of a process with `rssBytes` on a machine with `totalBytes`. */
export function usedMemory(read: ReadFile, totalBytes: number, rssBytes: number): UsedMemory {
  const rss = bytes(rssBytes);
  let most: UsedMemory | undefined;
  for (const { limitBytes, usedBytes = rssBytes } of limitedGroups(read, totalBytes)) {
    const share = usedBytes / limitBytes;
    if (most !== undefined && share <= most.share) continue;
    const used = `${bytes(usedBytes)} of ${bytes(limitBytes)}`;
    most = { share, text: `the control group's memory is at ${percent(share)} of its limit, ${used}; RSS is ${rss}` };
  }
  if (most !== undefined) return most;
  const share = rssBytes / totalBytes;
  return { share, text: `no memory limit; RSS is ${rss}, ${percent(share)} of the machine's ${bytes(totalBytes)}` };
}
