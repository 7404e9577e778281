/** Something that waits for a slot. */
export interface Waiting {
  /** Called when the slot is there; whoever has it calls `release` once. */
  begin(): void;
}

/** Bounds how many runs are under way at once, first due, first served. */
export class RunQueue {
  readonly #slots: number;
  #taken = 0;
  #queue: (Waiting | undefined)[] = [];
  #head = 0;

  constructor(slots: number) {
    this.#slots = slots;
  }

  request(waiting: Waiting): void {
    if (this.#taken < this.#slots) {
      this.#taken++;
      waiting.begin();
    } else this.#queue.push(waiting);
  }

  /** Gives a slot back, or on to whoever waits longest. */
  release(): void {
    while (this.#head < this.#queue.length) {
      const next = this.#queue[this.#head];
      this.#queue[this.#head++] = undefined;
      if (next === undefined) continue;
      this.#compact();
      next.begin();
      return;
    }
    this.#taken--;
  }

  /** Forgets one that has not begun. */
  cancel(waiting: Waiting): void {
    const place = this.#queue.indexOf(waiting, this.#head);
    if (place >= 0) this.#queue[place] = undefined;
  }

  /** Forgets all that have not begun. */
  clear(): void {
    this.#queue = [];
    this.#head = 0;
  }

  #compact(): void {
    if (this.#head < 1_024 || this.#head * 2 < this.#queue.length) return;
    this.#queue = this.#queue.slice(this.#head);
    this.#head = 0;
  }
}
