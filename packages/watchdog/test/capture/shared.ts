import { writeSync } from "node:fs";

/** What a blocked main thread and the worker that asks it know of each other. */
export class Shared {
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #times: Float64Array;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(32)) {
    this.memory = memory;
    this.#words = new Int32Array(memory, 0, 4);
    this.#times = new Float64Array(memory, 16, 1);
  }

  /** By the main thread: from here on it blocks. */
  begin(): void {
    Atomics.store(this.#words, 0, 1);
    Atomics.notify(this.#words, 0);
  }

  /** By the main thread: its loop turns again. */
  end(): void {
    this.#times[0] = now();
    Atomics.store(this.#words, 2, 1);
  }

  /** By the worker: waits until the main thread blocks. */
  sleepUntilBlocked(): void {
    Atomics.wait(this.#words, 0, 0);
  }

  /** By the worker: the main thread need not block any longer. */
  release(): void {
    Atomics.store(this.#words, 1, 1);
    Atomics.notify(this.#words, 1);
  }

  /** 1 once it is released; read as it is, for a loop that calls nothing. */
  get released(): Int32Array {
    return this.#words.subarray(1, 2);
  }

  wasBlockedAt(atMs: number): boolean {
    return Atomics.load(this.#words, 2) === 0 || atMs < (this.#times[0] ?? 0);
  }

  /** A line on stdout, also while the loop of the main thread is blocked. */
  say(what: object): void {
    writeSync(1, `${JSON.stringify(what)}\n`);
  }
}

function now(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1_000 + nanoseconds / 1_000_000;
}
