import { readdirSync, statSync } from "node:fs";
import { type FunctionCheck, fail, type Outcome, pass } from "@otel-health/core";
import { type Bounds, judge, readBounds } from "./bounds.ts";
import { percent } from "./quantities.ts";
import { type ReadFile, readKernelFile } from "./read-file.ts";
import { demandOptions, resourceCheck } from "./resource-check.ts";
import { type ShareOptions, shareOptions } from "./share-options.ts";

const hint =
  "sockets or files are opened faster than they are closed, or the limit is too low: see what /proc/<pid>/fd links to, or raise it (ulimit -n, LimitNOFILE=)";

/** How this process's descriptors are looked at. */
export interface Descriptors {
  readonly read: ReadFile;
  /** How many are open, where the kernel tells that by itself; throws what Node throws. */
  told(): number | undefined;
  /** How many are open, each looked at, which takes 5 ms for a thousand; throws what Node throws. */
  count(): number;
}

/**
 * Open file descriptors, sockets among them, against the soft limit; degraded above `warnAbove` (default 0.8), failing
 * above `failAbove` (default 0.95). Critical: without descriptors the process cannot accept a connection, and out of the
 * balancer its connections go. Passes where the kernel does not tell, which is everywhere but on Linux.
 */
export function openFiles(options: ShareOptions = {}): FunctionCheck {
  const where = "openFiles()";
  const { warnAbove = 0.8, failAbove = 0.95 } = demandOptions(where, options);
  const bounds = readBounds(where, "", { warnAbove, failAbove, show: percent });
  return resourceCheck(where, options, shareOptions, {
    critical: true,
    hint,
    run: lookAt({ read: readKernelFile, told: toldDescriptors, count: countDescriptors }, bounds),
  });
}

/** Makes the function that judges `descriptors`. */
export function lookAt(descriptors: Descriptors, bounds: Bounds): () => Outcome {
  // Kept: with no descriptor left the limit cannot be read either.
  let limit: number | undefined;
  return () => {
    limit = softLimit(descriptors.read("/proc/self/limits")) ?? limit;
    let open: number;
    let text: string;
    try {
      ({ open, text } = howMany(descriptors, bounds.warnAbove * (limit ?? Number.POSITIVE_INFINITY)));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EMFILE" || code === "ENFILE")
        return fail("no file descriptor is left to count those that are open", { errorType: code });
      return pass("how many file descriptors are open cannot be told here");
    }
    if (limit === undefined) return pass(`${text} file descriptors are open; their limit cannot be told here`);
    if (limit === Number.POSITIVE_INFINITY) return pass(`${text} file descriptors are open, without a limit`);
    const share = open / limit;
    return judge(share, bounds, `${text} of ${limit} file descriptors are open, ${percent(share)}`);
  };
}

/** How many are open: at most so many, where no more than `enough` can be. Throws what Node throws. */
function howMany(descriptors: Descriptors, enough: number): { readonly open: number; readonly text: string } {
  const told = descriptors.told();
  const size = told === undefined ? tableSize(descriptors.read("/proc/self/status")) : undefined;
  if (size !== undefined && size <= enough) return { open: size, text: `at most ${size}` };
  const open = told ?? descriptors.count();
  return { open, text: String(open) };
}

/** The soft limit in the kernel's table of limits; undefined where it does not stand there. */
function softLimit(limits: string | undefined): number | undefined {
  const soft = /^Max open files +(\d+|unlimited) /m.exec(limits ?? "")?.[1];
  return soft === "unlimited" ? Number.POSITIVE_INFINITY : soft === undefined ? undefined : Number(soft);
}

/** For how many descriptors the kernel has room at present, which are no fewer than are open; it never gives room back. */
function tableSize(status: string | undefined): number | undefined {
  const size = /^FDSize:\s+(\d+)$/m.exec(status ?? "")?.[1];
  return size === undefined ? undefined : Number(size);
}

const folder = "/proc/self/fd";

/** Since Linux 6.2, without a descriptor; before it the size is 0. */
function toldDescriptors(): number | undefined {
  return statSync(folder).size || undefined;
}

/** One of those listed is the list's own. */
function countDescriptors(): number {
  return readdirSync(folder).length - 1;
}
