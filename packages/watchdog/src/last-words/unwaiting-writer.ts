import { closeSync, constants, fstatSync, openSync, writeSync } from "node:fs";
import type { Socket } from "node:net";
import { ProcFile } from "../capture/proc-file.ts";

/** The part of Node's handle of a pipe or socket that says whether its description makes whoever writes wait. */
interface Handle {
  setBlocking(enable: boolean): number;
}

/**
 * Writes to a descriptor of the process, and waits for nobody who reads it. All that this takes of the system is opened at
 * once: where it is needed, there may be no descriptor left.
 */
export class UnwaitingWriter {
  readonly #descriptor: number;
  /** The same pipe or terminal, opened anew so that it never makes wait, which is nobody else's business. */
  readonly #own: number | undefined;
  /** Where a description that could not be opened anew says whether it makes wait. */
  readonly #flags: ProcFile | undefined;
  #socket: Socket | undefined;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
    const { opensAnew, makesWait } = kindOf(descriptor);
    if (opensAnew) this.#own = openedAnew(descriptor);
    if (makesWait && this.#own === undefined) this.#flags = new ProcFile(`/proc/self/fdinfo/${descriptor}`);
  }

  /** The number of bytes that were taken; 0 where whoever reads stands still. Throws what Node does. */
  write(bytes: Buffer): number {
    try {
      if (this.#own !== undefined) return writeSync(this.#own, bytes);
      return this.#flags === undefined ? writeSync(this.#descriptor, bytes) : this.#writeShared(bytes, this.#flags);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EAGAIN") return 0;
      throw error;
    }
  }

  /** Called once; nothing is written after it. */
  close(): void {
    if (this.#own !== undefined) closeSync(this.#own);
    this.#flags?.close();
    // The socket ends with the thread, and leaves the descriptor open. To destroy it would change the description again.
  }

  /**
   * A socket cannot be opened anew, and Node cannot ask for a single write that does not wait. So its description is made
   * one that does not, as the first use of `process.stderr` makes it for good, and is put back: others who write to it,
   * `fs.writeSync` and child processes among them, would not expect to be refused.
   */
  #writeShared(bytes: Buffer, flags: ProcFile): number {
    const makesWait = blocks(flags);
    if (makesWait === false) return writeSync(this.#descriptor, bytes);
    const handle = this.#handle();
    handle.setBlocking(false);
    try {
      return writeSync(this.#descriptor, bytes);
    } finally {
      if (makesWait === true) handle.setBlocking(true);
    }
  }

  #handle(): Handle {
    const { Socket } = process.getBuiltinModule("node:net");
    this.#socket ??= new Socket({ fd: this.#descriptor, readable: false, writable: true });
    return (this.#socket as unknown as { readonly _handle: Handle })._handle;
  }
}

function kindOf(descriptor: number): { readonly opensAnew: boolean; readonly makesWait: boolean } {
  try {
    const stats = fstatSync(descriptor);
    const isPipe = stats.isFIFO();
    // Windows has no such flag.
    const makesWait = (isPipe || stats.isSocket()) && process.platform !== "win32";
    return { opensAnew: isPipe || stats.isCharacterDevice(), makesWait };
  } catch {
    // It is closed.
    return { opensAnew: false, makesWait: false };
  }
}

/** Undefined on another system, for a pipe of someone else's, and for one that nobody reads. */
function openedAnew(descriptor: number): number | undefined {
  const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants;
  try {
    return openSync(`/proc/self/fd/${descriptor}`, O_WRONLY | O_NONBLOCK | O_NOCTTY);
  } catch {
    return undefined;
  }
}

/** Undefined where the system does not tell. */
function blocks(flags: ProcFile): boolean | undefined {
  const octal = /^flags:\s+([0-7]+)$/m.exec(flags.read())?.[1];
  return octal === undefined ? undefined : (Number.parseInt(octal, 8) & constants.O_NONBLOCK) === 0;
}
