import { closeSync, constants, fstatSync, openSync, writeSync } from "node:fs";

const descriptor = 2;

/** What a pipe takes in one piece: a line that is no longer, its end included, is never mixed with one of another thread. */
export const longestLineBytes = 4_096;

/** Tries before a line is given up, where whoever reads the pipe does not. */
const mostTries = 50;

/**
 * Says lines on standard error from a thread that can neither use `process.stderr`, which is the main thread's, nor wait
 * for whoever reads them.
 */
export class StandardError {
  #unsaid: Buffer = Buffer.alloc(0);
  #triesLeft = 0;

  /** Says a line. One that could not be said until now is given up for it. */
  say(line: string): void {
    this.#unsaid = Buffer.from(`${line}\n`);
    this.#triesLeft = mostTries;
    this.retry();
  }

  /** Goes on where a full pipe has stopped it; to be called now and then. */
  retry(): void {
    if (this.#triesLeft === 0) return;
    this.#triesLeft--;
    const written = write(this.#unsaid);
    this.#unsaid = this.#unsaid.subarray(written ?? 0);
    if (written === undefined || this.#unsaid.length === 0) this.#triesLeft = 0;
  }
}

/** The bytes that were taken; undefined where there is nobody to take them. */
function write(bytes: Buffer): number | undefined {
  let unblocking: number | undefined;
  try {
    unblocking = openUnblocking();
    return writeSync(unblocking ?? descriptor, bytes);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EAGAIN" ? 0 : undefined;
  } finally {
    if (unblocking !== undefined) closeSync(unblocking);
  }
}

/** A pipe whose reader stands still would stop this thread as well; opened anew it says that it is full instead. */
function openUnblocking(): number | undefined {
  try {
    if (!fstatSync(descriptor).isFIFO()) return undefined;
    return openSync(`/proc/self/fd/${descriptor}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    // Another system, or a pipe of someone else's.
    return undefined;
  }
}
