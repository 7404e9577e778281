import type { Stats } from "node:fs";
import { stat } from "node:fs/promises";
import {
  demand,
  demandMs,
  type FunctionCheck,
  fail,
  type Outcome,
  type ScheduleOptions,
  warn,
} from "@otel-health/core";
import { dependencyCheck } from "../dependency/dependency-check.ts";
import { bytesInWords, timeInWords } from "../dependency/in-words.ts";
import { diagnoseFileSystem } from "../filesystem/diagnose.ts";
import { FileCalls } from "../filesystem/file-calls.ts";

/** Options of {@link file}: those of any check that is run, and these. */
export interface FileOptions extends ScheduleOptions {
  /** Milliseconds since it was last written that are tolerated; default any. */
  readonly maxAgeMs?: number;
  /** Bytes that it has to have at least; default 0. */
  readonly minBytes?: number;
  /** Milliseconds that it may have been written in the future, as clocks differ; default 60 000, then it is a warning. */
  readonly maxSkewMs?: number;
}

/** What is wanted of a file. */
type Wanted = Required<Pick<FileOptions, "maxAgeMs" | "minBytes" | "maxSkewMs">>;

const where = "file()";
const hint = "the file system does not answer: is it on a server that is gone, or is the disk broken or overloaded?";

/**
 * A check that a file is there, fresh and not too small: a backup, a feed, a database that another process brings. A
 * symbolic link is followed. Throws `HealthError` for wrong options.
 */
export function file(path: string, options: FileOptions = {}): FunctionCheck {
  demand(typeof path === "string" && path !== "", `path of ${where}`, "a path", path);
  const { maxAgeMs, minBytes = 0, maxSkewMs = 60_000 } = options ?? {};
  // A backup may be older than a timer can wait.
  const isAge = maxAgeMs === undefined || (Number.isFinite(maxAgeMs) && maxAgeMs > 0);
  demand(isAge, `maxAgeMs of ${where}`, "milliseconds above 0", maxAgeMs);
  demand(Number.isFinite(minBytes) && minBytes >= 0, `minBytes of ${where}`, "bytes from 0 up", minBytes);
  demandMs(`maxSkewMs of ${where}`, maxSkewMs);
  const wanted = { maxAgeMs: maxAgeMs ?? Number.POSITIVE_INFINITY, minBytes, maxSkewMs };
  const calls = new FileCalls<Stats>();
  return dependencyCheck(
    where,
    options,
    { maxAgeMs: true, minBytes: true, maxSkewMs: true },
    {
      hint,
      diagnose: diagnoseFileSystem,
      run: async (context) => judge(await calls.ask(context, () => stat(path)), context.clock.wallTime(), wanted),
    },
  );
}

function judge(stats: Stats, now: number, { maxAgeMs, minBytes, maxSkewMs }: Wanted): Outcome | undefined {
  if (!stats.isFile()) {
    return fail("that is no file", { errorType: "not_a_file", fault: "persistent", hint: "is the path right?" });
  }
  const ageMs = now - stats.mtimeMs;
  if (ageMs > maxAgeMs) {
    return fail(`the file was last written ${timeInWords(ageMs)} ago, and may be ${timeInWords(maxAgeMs)} old`, {
      errorType: "stale_file",
      hint: "what writes it has not done so: does it run, and how did its last run end?",
    });
  }
  if (stats.size < minBytes) {
    return fail(`the file has ${bytesInWords(stats.size)}, less than ${bytesInWords(minBytes)}`, {
      errorType: "small_file",
      hint: "what writes it broke off, or had nothing to write: look at its log",
    });
  }
  if (ageMs >= -maxSkewMs) return undefined;
  return warn(`the file was last written ${timeInWords(-ageMs)} in the future: it will look fresh for too long`, {
    hint: "compare the clocks of this host and of the one that writes it",
  });
}
