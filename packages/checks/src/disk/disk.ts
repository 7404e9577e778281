import { statfs } from "node:fs/promises";
import { join } from "node:path";
import { demand, type FunctionCheck, type Outcome, type ScheduleOptions } from "@otel-health/core";
import { dependencyCheck } from "../dependency/dependency-check.ts";
import { diagnoseFileSystem } from "../filesystem/diagnose.ts";
import { FileCalls } from "../filesystem/file-calls.ts";
import { judgeSpace, type Limits, readLimits, type Space } from "./judge-space.ts";
import { probe } from "./probe.ts";

/** Options of {@link disk}: those of any check that is run, and these. */
export interface DiskOptions extends ScheduleOptions {
  /** Free bytes below which there is a warning, instead of the ratio's default. */
  readonly warnFreeBytes?: number;
  /** Free bytes below which it fails, instead of the ratio's default. */
  readonly failFreeBytes?: number;
  /** Share that is free, 0 to 1, below which there is a warning; default 0.1, where that is not more than 20 GiB. */
  readonly warnFreeRatio?: number;
  /** Share that is free, 0 to 1, below which it fails; default 0.05, where that is not more than 5 GiB. */
  readonly failFreeRatio?: number;
  /** The same of inodes; default 0.1, where that is not more than 200 000. */
  readonly warnFreeInodeRatio?: number;
  /** The same of inodes; default 0.05, where that is not more than 50 000. */
  readonly failFreeInodeRatio?: number;
  /**
   * Whether each run writes a small file, has it stored and removes it again, as only that tells of a disk that is
   * read-only or broken, and of a quota; default false. True for `.otel-health-probe` in the folder `path`, or the path of
   * a file that nothing else uses.
   */
  readonly probeFile?: boolean | string;
}

const where = "disk()";
const hint = "the file system does not answer: is it on a server that is gone, or is the disk broken or overloaded?";

/**
 * A check of the file system that `path` is on: what an unprivileged process may still write. It is no check of this
 * process alone, and not for liveness: no restart makes space. Throws `HealthError` for wrong options.
 */
export function disk(path: string, options: DiskOptions = {}): FunctionCheck {
  demand(typeof path === "string" && path !== "", `path of ${where}`, "a path", path);
  const { probeFile = false } = options ?? {};
  const isProbe = typeof probeFile === "boolean" || (typeof probeFile === "string" && probeFile !== "");
  demand(isProbe, `probeFile of ${where}`, "true, false or a path", probeFile);
  const limits: Limits = readLimits(where, options ?? {});
  const written = probeFile === true ? join(path, ".otel-health-probe") : probeFile;
  const calls = new FileCalls<Space>();
  const ask = async (): Promise<Space> => {
    // The space first: writing to what is full says less.
    const { bsize, blocks, bfree, bavail, files, ffree } = await statfs(path);
    const space = { used: (blocks - bfree) * bsize, free: bavail * bsize, inodes: files, freeInodes: ffree };
    if (written !== false && judgeSpace(space, limits)?.status !== "fail") await probe(written);
    return space;
  };
  return dependencyCheck(
    where,
    options,
    {
      warnFreeBytes: true,
      failFreeBytes: true,
      warnFreeRatio: true,
      failFreeRatio: true,
      warnFreeInodeRatio: true,
      failFreeInodeRatio: true,
      probeFile: true,
    },
    {
      hint,
      diagnose: diagnoseFileSystem,
      run: async (context): Promise<Outcome | undefined> => judgeSpace(await calls.ask(context, ask), limits),
    },
  );
}
