import { UnwaitingWriter } from "./unwaiting-writer.ts";

/** What a pipe takes in one piece: a line that is no longer, its end included, is never mixed with one of another thread. */
export const longestLineBytes = 4_096;

/** Tries before a line is given up, where whoever reads the pipe does not. */
const mostTries = 50;

/**
 * Says lines on standard error from a thread that can neither use `process.stderr`, which is the main thread's, nor wait
 * for whoever reads them.
 */
export class StandardError {
  #writer: UnwaitingWriter | undefined = new UnwaitingWriter(2);
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
    if (this.#triesLeft === 0 || this.#writer === undefined) return;
    this.#triesLeft--;
    try {
      this.#unsaid = this.#unsaid.subarray(this.#writer.write(this.#unsaid));
      if (this.#unsaid.length === 0) this.#triesLeft = 0;
    } catch {
      // There is nobody to say it to.
      this.#triesLeft = 0;
    }
  }

  /** Nothing is said after it. */
  close(): void {
    this.#writer?.close();
    this.#writer = undefined;
  }
}
