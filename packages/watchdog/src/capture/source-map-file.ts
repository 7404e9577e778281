import { constants, open } from "node:fs/promises";
import { dirname, isAbsolute } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** A script as it is on disk, and the source map that it names. */
export interface MappedScript {
  readonly script: Buffer;
  /** The JSON of the map. */
  readonly map: Buffer;
  /** What its sources are relative to. */
  readonly folder: string;
}

/** What is read at most, and for how long. */
export interface ReadLimits {
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

const comment = "sourceMappingURL=";

/** The source map of a script: in a `data:` URL or in a file. Rejects where it is elsewhere, or cannot be read. */
export async function readSourceMap(path: string, limits: ReadLimits): Promise<MappedScript | undefined> {
  if (!isAbsolute(path)) return undefined;
  const script = await readBytes(path, limits);
  if (script === undefined) return undefined;
  const url = mapUrlIn(script);
  if (url === undefined) return undefined;
  const inline = /^data:application\/json[^,]{0,100};base64,/.exec(url.toString("latin1", 0, 200));
  if (inline !== null) return { script, map: decoded(url.subarray(inline[0].length)), folder: dirname(path) };
  if (url.length > 4_096) return undefined;
  // Throws for one that is on the network.
  const mapPath = fileURLToPath(new URL(url.toString("utf8"), pathToFileURL(path)));
  const map = await readBytes(mapPath, limits);
  return map && { script, map, folder: dirname(mapPath) };
}

/** What the last such comment of a script says. */
function mapUrlIn(script: Buffer): Buffer | undefined {
  for (let at = script.lastIndexOf(comment); at > 0; at = script.lastIndexOf(comment, at - 1)) {
    if (!/\/[/*][#@][ \t]$/.test(script.toString("latin1", Math.max(0, at - 4), at))) continue;
    const start = at + comment.length;
    const ends = [" ", "\t", "\r", "\n"].map((space) => script.indexOf(space, start)).filter((end) => end >= 0);
    return script.subarray(start, Math.min(script.length, ...ends));
  }
  return undefined;
}

/** Part by part: a string of its whole length would have to fit into the heap. */
function decoded(base64: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(Math.ceil((base64.length / 4) * 3));
  const part = 64 * 1_024;
  let length = 0;
  for (let at = 0; at < base64.length; at += part)
    length += bytes.write(base64.toString("latin1", at, Math.min(at + part, base64.length)), length, "base64");
  return bytes.subarray(0, length);
}

/**
 * Undefined for what is no file on a disk: code can have any name, also that of a pipe, which would be waited for, or of
 * a file of the kernel, which has no size and may have no end.
 */
async function readBytes(path: string, { maxBytes, signal }: ReadLimits): Promise<Buffer | undefined> {
  signal.throwIfAborted();
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = await file.stat();
    if (!stat.isFile() || stat.size === 0 || stat.size > maxBytes) return undefined;
    return await file.readFile({ signal });
  } finally {
    await file.close();
  }
}
