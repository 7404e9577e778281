import { closeSync, openSync, readSync } from "node:fs";

/** The longest that is read: the files that are read here are shorter. */
const longest = 4_096;

/** A file of `/proc` or `/sys` that is read again and again, and made anew by the kernel each time. */
export class ProcFile {
  readonly #descriptor: number | undefined;

  /** Where it cannot be opened there is nothing to read in it. */
  constructor(path: string) {
    try {
      this.#descriptor = openSync(path, "r");
    } catch {
      this.#descriptor = undefined;
    }
  }

  /** What it holds now; empty where that cannot be said. */
  read(): string {
    if (this.#descriptor === undefined) return "";
    const buffer = Buffer.allocUnsafe(longest);
    try {
      return buffer.toString("latin1", 0, readSync(this.#descriptor, buffer, 0, longest, 0));
    } catch {
      // What it told of is gone, such as a cgroup that the process has left.
      return "";
    }
  }

  /** Called once; nothing is read after it. */
  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
  }
}
