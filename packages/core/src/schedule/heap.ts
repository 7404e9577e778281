/** What a heap holds. The heap owns both fields. */
export interface HeapEntry {
  /** Index in the heap, -1 while it is not in it. */
  position: number;
  /** As last given to `set`; the entry with the least comes first. */
  wakeAt: number;
}

/** A binary heap of times in which each entry knows its place: moving or removing one does not search for it. */
export class Heap<E extends HeapEntry> {
  readonly #entries: E[] = [];

  get first(): E | undefined {
    return this.#entries[0];
  }

  get size(): number {
    return this.#entries.length;
  }

  /** Puts `entry` where `at` belongs, whether it was in the heap or not; `Infinity` takes it out. */
  set(entry: E, at: number): void {
    if (at === Number.POSITIVE_INFINITY) this.remove(entry);
    else if (entry.position < 0) {
      entry.wakeAt = at;
      entry.position = this.#entries.push(entry) - 1;
      this.#up(entry);
    } else {
      const sooner = at < entry.wakeAt;
      entry.wakeAt = at;
      if (sooner) this.#up(entry);
      else this.#down(entry);
    }
  }

  remove(entry: E): void {
    const hole = entry.position;
    if (hole < 0) return;
    entry.position = -1;
    entry.wakeAt = Number.POSITIVE_INFINITY;
    const last = this.#entries.pop();
    if (last === undefined || last === entry) return;
    this.#entries[hole] = last;
    last.position = hole;
    this.#up(last);
    this.#down(last);
  }

  clear(): void {
    for (const entry of this.#entries) entry.position = -1;
    this.#entries.length = 0;
  }

  #up(entry: E): void {
    let position = entry.position;
    while (position > 0) {
      const above = (position - 1) >> 1;
      const parent = this.#entries[above] as E;
      if (parent.wakeAt <= entry.wakeAt) break;
      this.#entries[position] = parent;
      parent.position = position;
      position = above;
    }
    this.#entries[position] = entry;
    entry.position = position;
  }

  #down(entry: E): void {
    const size = this.#entries.length;
    let position = entry.position;
    for (;;) {
      let below = 2 * position + 1;
      if (below >= size) break;
      if (below + 1 < size && (this.#entries[below + 1] as E).wakeAt < (this.#entries[below] as E).wakeAt) below++;
      const child = this.#entries[below] as E;
      if (child.wakeAt >= entry.wakeAt) break;
      this.#entries[position] = child;
      child.position = position;
      position = below;
    }
    this.#entries[position] = entry;
    entry.position = position;
  }
}
