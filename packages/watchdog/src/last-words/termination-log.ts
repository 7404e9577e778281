import { closeSync, constants, existsSync, openSync, readFileSync, writeSync } from "node:fs";

/** Where Kubernetes looks for the reason of a container's end, unless it is told otherwise. */
const ofKubernetes = "/dev/termination-log";

/** What Kubernetes reads of it. */
const longestBytes = 4_096;

/** Where last words go: the path that was given, else Kubernetes' own where there is one. */
export function terminationLogPath(given: string | false | undefined): string | undefined {
  if (given !== undefined) return given === false ? undefined : given;
  return existsSync(ofKubernetes) ? ofKubernetes : undefined;
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
  const { O_WRONLY, O_CREAT, O_TRUNC, O_NONBLOCK } = constants;
  // A pipe that nobody reads would be waited for without end.
  const file = openSync(path, O_WRONLY | O_CREAT | O_TRUNC | (O_NONBLOCK ?? 0), 0o644);
  try {
    writeSync(file, bytes);
  } finally {
    closeSync(file);
  }
}
