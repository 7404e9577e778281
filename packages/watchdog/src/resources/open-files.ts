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
  /** How many are open; throws what Node throws. */
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
    run: lookAt({ read: readKernelFile, count: countDescriptors }, bounds),
  });
}

/** Makes the function that judges `descriptors`. */
export function lookAt(descriptors: Descriptors, bounds: Bounds): () => Outcome {
  // Kept: with no descriptor left the limit cannot be read either.
  let limit: number | undefined;
  return () => {
    limit = softLimit(descriptors.read("/proc/self/limits")) ?? limit;
    let open: number;
    try {
      open = descriptors.count();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EMFILE" || code === "ENFILE")
        return fail("no file descriptor is left to count those that are open", { errorType: code });
      return pass("how many file descriptors are open cannot be told here");
    }
    if (limit === undefined) return pass(`${open} file descriptors are open; their limit cannot be told here`);
    if (limit === Number.POSITIVE_INFINITY) return pass(`${open} file descriptors are open, without a limit`);
    const share = open / limit;
    return judge(share, bounds, `${open} of ${limit} file descriptors are open, ${percent(share)}`);
  };
}

/** The soft limit in the kernel's table of limits; undefined where it does not stand there. */
function softLimit(limits: string | undefined): number | undefined {
  const soft = /^Max open files +(\d+|unlimited) /m.exec(limits ?? "")?.[1];
  return soft === "unlimited" ? Number.POSITIVE_INFINITY : soft === undefined ? undefined : Number(soft);
}

function countDescriptors(): number {
  const folder = "/proc/self/fd";
  // Since Linux 6.2 this is the number, at no cost and without a descriptor; before it is 0.
  const { size } = statSync(folder);
  // One of those listed is the list's own.
  return size > 0 ? size : readdirSync(folder).length - 1;
}
