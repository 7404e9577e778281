import { demand, fail, type Outcome, type OutcomeDetails, warn } from "@otel-health/core";
import { bytesInWords } from "../dependency/in-words.ts";
import type { DiskOptions } from "./disk.ts";

/** What a file system has. */
export interface Space {
  /** Bytes. */
  readonly used: number;
  /** Bytes that an unprivileged process may still write. */
  readonly free: number;
  /** 0 where the file system does not count them. */
  readonly inodes: number;
  readonly freeInodes: number;
}

/** How much has to be free: of a total. */
type Least = (total: number) => number;

/** Below what is said what. */
export interface Limits {
  readonly bytes: { readonly warn: Least; readonly fail: Least };
  readonly inodes: { readonly warn: Least; readonly fail: Least };
}

const gib = 2 ** 30;
/**
 * Shares at which a kubelet evicts pods, and half of them; of a large disk a share is so much that nobody is in want of it.
 */
const defaults = {
  warnFreeRatio: { ratio: 0.1, most: 20 * gib },
  failFreeRatio: { ratio: 0.05, most: 5 * gib },
  warnFreeInodeRatio: { ratio: 0.1, most: 200_000 },
  failFreeInodeRatio: { ratio: 0.05, most: 50_000 },
} as const;

type Ratio = keyof typeof defaults;

/** Throws `invalid_option` for limits that cannot be meant. */
export function readLimits(where: string, options: DiskOptions): Limits {
  const limit = (ratio: Ratio, bytes?: "warnFreeBytes" | "failFreeBytes"): Least => {
    const share = options[ratio];
    const least = bytes && options[bytes];
    const isShare = share === undefined || (typeof share === "number" && share >= 0 && share <= 1);
    demand(isShare, `${ratio} of ${where}`, "a share from 0 to 1", share);
    const isSize = least === undefined || (Number.isFinite(least) && least >= 0);
    demand(isSize, `${bytes} of ${where}`, "bytes from 0 up", least);
    const standard = defaults[ratio];
    if (share === undefined && least === undefined) {
      return (total) => Math.min(standard.ratio * total, standard.most);
    }
    // Whichever comes first, where both are given.
    return (total) => Math.max((share ?? 0) * total, least ?? 0);
  };
  const limits = {
    bytes: { warn: limit("warnFreeRatio", "warnFreeBytes"), fail: limit("failFreeRatio", "failFreeBytes") },
    inodes: { warn: limit("warnFreeInodeRatio"), fail: limit("failFreeInodeRatio") },
  };
  for (const [low, high] of pairs) {
    const { [low]: fail, [high]: warn } = options;
    const isOrdered = fail === undefined || warn === undefined || warn === 0 || warn > fail;
    demand(isOrdered, `${high} of ${where}`, `more than ${low}, or 0 for no warning`, warn);
  }
  return limits;
}

/** Of the same unit; how others compare depends on the file system. */
const pairs = [
  ["failFreeBytes", "warnFreeBytes"],
  ["failFreeRatio", "warnFreeRatio"],
  ["failFreeInodeRatio", "warnFreeInodeRatio"],
] as const;

const space = {
  errorType: "out_of_space",
  hint: "remove what is old (logs, dumps, temporary files), or enlarge the volume",
} as const satisfies OutcomeDetails;
const inodes = {
  errorType: "out_of_inodes",
  hint: "there are too many small files: remove what is old, such as sessions and caches",
} as const satisfies OutcomeDetails;

/** Judges what is left; undefined where that is enough. */
export function judgeSpace({ used, free, inodes: all, freeInodes }: Space, limits: Limits): Outcome | undefined {
  // As df counts: what only root may use is neither.
  const bytes = used + free;
  const share = (part: number, whole: number) => `${Math.round((part / whole) * 1_000) / 10} %`;
  const left = `${bytesInWords(free)} of ${bytesInWords(bytes)} are free, ${share(free, bytes)}`;
  const inodesLeft = `${freeInodes} of ${all} inodes are free, ${share(freeInodes, all)}`;
  // Some file systems make them as they need them, and count none.
  const hasInodes = all > 0;
  if (!(free >= limits.bytes.fail(bytes))) return fail(left, space);
  if (hasInodes && !(freeInodes >= limits.inodes.fail(all))) return fail(inodesLeft, inodes);
  if (free < limits.bytes.warn(bytes)) return warn(left, { hint: space.hint });
  if (hasInodes && freeInodes < limits.inodes.warn(all)) return warn(inodesLeft, { hint: inodes.hint });
  return undefined;
}
