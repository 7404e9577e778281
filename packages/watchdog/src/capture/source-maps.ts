import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type Clock, systemClock } from "@otel-health/core/worker";
import { type Frame, isLocated, type LocatedFrame } from "./frame.ts";
import type { Place } from "./mappings.ts";
import { type Lookup, type Origin, originsIn } from "./source-map.ts";
import { type MappedScript, type ReadLimits, readSourceMap } from "./source-map-file.ts";

/** Options of {@link mapFrames}. */
export interface MapFramesOptions {
  /** The largest script, and the largest map, that is read; default 64 MiB. */
  readonly maxBytes?: number;
  /** How long all of it may take, milliseconds; default 5 000. What is not mapped by then stays as it is. */
  readonly withinMs?: number;
  /** Default the process's own. */
  readonly clock?: Clock;
}

/**
 * The frames as they are in the sources that their scripts were made of, by the source maps that the scripts name: in
 * themselves or in a file. A frame whose script names none, or one that is missing, broken, too large or elsewhere on the
 * network, stays as it is. Never rejects.
 */
export async function mapFrames(frames: readonly Frame[], options: MapFramesOptions = {}): Promise<readonly Frame[]> {
  const { maxBytes = 64 * 1_024 * 1_024, withinMs = 5_000, clock = systemClock } = options;
  const controller = new AbortController();
  const timer = clock.setTimer(() => controller.abort(), withinMs, false);
  const mapped = [...frames];
  const work = async () => {
    for (const file of new Set(frames.map(({ file }) => file)))
      await mapThoseOf(file, frames, mapped, { maxBytes, signal: controller.signal }, clock);
  };
  const timeIsUp = new Promise<void>((resolve) => controller.signal.addEventListener("abort", () => resolve()));
  await Promise.race([work(), timeIsUp]);
  clock.clearTimer(timer);
  return [...mapped];
}

/** Puts the frames of one file in their places. Never rejects. */
async function mapThoseOf(
  file: string | undefined,
  frames: readonly Frame[],
  mapped: Frame[],
  limits: ReadLimits,
  clock: Clock,
): Promise<void> {
  if (file === undefined) return;
  try {
    const found = await readSourceMap(file, limits);
    if (found === undefined) return;
    const those = [...frames.entries()].filter((entry): entry is [number, LocatedFrame] => {
      return entry[1].file === file && isLocated(entry[1]);
    });
    const places = those.map(([, { line, column }]) => ({ line: line - 1, column: column - 1 }));
    const origins = await driven(originsIn(found.map, places), limits.signal, clock);
    for (const [i, [index, frame]] of those.entries()) {
      const origin = origins[i];
      if (origin === undefined) continue;
      // What called it stands next, and says by which name.
      const isCalledNext = those[i + 1]?.[0] === index + 1;
      const name = isCalledNext ? nameOf(frame, found, places[i + 1], origins[i + 1]) : undefined;
      mapped[index] = {
        functionName: name ?? frame.functionName,
        file: pathOf(origin.source, found.folder),
        line: origin.line + 1,
        column: origin.column + 1,
      };
    }
  } catch {
    // Missing, broken or too slow: the frames stay as they are.
  }
}

/** Takes a break of a turn of the loop wherever the lookup offers one: this thread has questions to answer. */
async function driven(lookup: Lookup, signal: AbortSignal, clock: Clock): Promise<readonly (Origin | undefined)[]> {
  for (;;) {
    const { done, value } = lookup.next();
    if (done) return value;
    await new Promise<void>((resolve) => clock.setTimer(resolve, 0, true));
    signal.throwIfAborted();
  }
}

/**
 * What a function is called in the sources, if its caller calls it by the shortened name and the map knows what that was:
 * the `a` of `a()` stands for `validate`.
 */
function nameOf(
  { functionName }: Frame,
  { script }: MappedScript,
  calledAt: Place | undefined,
  caller: Origin | undefined,
): string | undefined {
  const [, prefix = "", shortened = ""] = /^((?:async )?(?:new )?(?:[^ ]*\.)?)([\w$]+)$/.exec(functionName) ?? [];
  if (caller?.name === undefined || calledAt === undefined || shortened === "") return undefined;
  return identifierAt(script, calledAt) === shortened ? `${prefix}${caller.name}` : undefined;
}

function identifierAt(script: Buffer, { line, column }: Place): string | undefined {
  let start = 0;
  for (let left = line; left > 0; left--) {
    start = script.indexOf("\n", start) + 1;
    if (start === 0) return undefined;
  }
  return /^[\w$]+/.exec(script.toString("latin1", start + column, start + column + 100))?.[0];
}

/** Sources are paths, or URLs of a bundler's own, which name no file and stay as they are. */
function pathOf(source: string, folder: string): string {
  if (source.startsWith("file:")) return fileURLToPath(source);
  if (/^[a-z][a-z0-9+.-]+:/i.test(source)) return source;
  return resolve(folder, source);
}
