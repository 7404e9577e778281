import type { Socket } from "node:net";

interface Held {
  /** Undefined stands for the end of the stream. */
  readonly chunk: Buffer | undefined;
  readonly arrivedAt: number;
}

/**
 * One direction of a proxied connection: what comes in leaves in the same order, each chunk `delayMs` after it arrived.
 * A delay of `Infinity` holds everything, in memory, until the delay is lowered.
 */
export class Lane {
  readonly #to: Socket;
  #held: Held[] = [];
  #delayMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(to: Socket) {
    this.#to = to;
  }

  /** Takes a chunk, or undefined for the end of the stream. */
  push(chunk: Buffer | undefined): void {
    this.#held.push({ chunk, arrivedAt: performance.now() });
    this.#flush();
  }

  /** Applies to what is held already too: a lowered delay lets it go earlier. */
  setDelay(delayMs: number): void {
    this.#delayMs = delayMs;
    this.#flush();
  }

  /** Drops what is held. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#held = [];
  }

  #flush(): void {
    clearTimeout(this.#timer);
    for (let head = this.#held[0]; head !== undefined; head = this.#held[0]) {
      const waitMs = head.arrivedAt + this.#delayMs - performance.now();
      if (waitMs > 0) {
        // setTimeout reads Infinity as 1 ms.
        if (waitMs !== Infinity) this.#timer = setTimeout(() => this.#flush(), Math.ceil(waitMs));
        return;
      }
      this.#held.shift();
      if (head.chunk === undefined) this.#to.end();
      else this.#to.write(head.chunk);
    }
  }
}
