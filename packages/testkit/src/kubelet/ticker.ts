/** A ticker as Go has it: it keeps its beat, and ticks that nobody took in time are lost. */
export class Ticker {
  readonly #periodMs: number;
  #nextAt: number;

  /** The first tick is at once. */
  constructor(periodSeconds: number, now: number) {
    this.#periodMs = periodSeconds * 1000;
    this.#nextAt = now;
  }

  /** Takes the tick, if there is one. */
  take(now: number): boolean {
    if (now < this.#nextAt) return false;
    this.#nextAt += this.#periodMs * (Math.floor((now - this.#nextAt) / this.#periodMs) + 1);
    return true;
  }

  /** Ticks at once, and a period after that. */
  reset(now: number): void {
    this.#nextAt = now;
  }
}
