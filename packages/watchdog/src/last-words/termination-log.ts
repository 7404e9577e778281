import { closeSync, constants, existsSync, openSync, readFileSync, writeSync } from "node:fs";

/** Where Kubernetes looks for the reason of a container's end, unless it is told otherwise. */
const ofKubernetes = "/dev/termination-log";

/** What Kubernetes reads of it. */
const longestBytes = 4_096;

/** Where last words go, and why they could not. */
export interface FoundTerminationLog {
  /** The one that was given, else Kubernetes' own where there is one. */
  readonly path: string | undefined;
  readonly problem: unknown;
}

/** Looks now: when it is needed it is too late. A file that was not there is made, and one that was is left as it is. */
export function findTerminationLog(
  given: string | false | undefined,
  byDefault: string = ofKubernetes,
): FoundTerminationLog {
  const path = given ?? (existsSync(byDefault) && byDefault);
  if (path === false) return { path: undefined, problem: undefined };
  try {
    closeSync(openToWrite(path, constants.O_APPEND));
    return { path, problem: undefined };
  } catch (problem) {
    return { path, problem };
  }
}

/** The file from which whoever ended a process reads why. */
export class TerminationLog {
  readonly #path: string;
  #written: Buffer = Buffer.alloc(0);

  constructor(path: string) {
    this.#path = path;
  }

  /** Writes the newest reason in place of what is there, cut to 4096 bytes. Throws what the file system does. */
  write(text: string): void {
    const bytes = cut(Buffer.from(text));
    overwrite(this.#path, bytes);
    this.#written = bytes;
  }

  /** Empties it, since what it says is over; not where someone else has written since. */
  takeBack(): void {
    if (this.#written.length > 0 && readFileSync(this.#path).equals(this.#written))
      overwrite(this.#path, Buffer.alloc(0));
    this.#written = Buffer.alloc(0);
  }
}

/** Not between the bytes of one character. */
function cut(bytes: Buffer): Buffer {
  if (bytes.length <= longestBytes) return bytes;
  let end = longestBytes;
  while (((bytes[end] as number) & 0xc0) === 0x80) end--;
  return bytes.subarray(0, end);
}

function overwrite(path: string, bytes: Buffer): void {
  const file = openToWrite(path, constants.O_TRUNC);
  try {
    writeSync(file, bytes);
  } finally {
    closeSync(file);
  }
}

function openToWrite(path: string, flag: number): number {
  const { O_WRONLY, O_CREAT, O_NONBLOCK } = constants;
  // A pipe that nobody reads would be waited for without end.
  return openSync(path, O_WRONLY | O_CREAT | flag | (O_NONBLOCK ?? 0), 0o644);
}
