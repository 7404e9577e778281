/** No more marks than these are kept for one window, however often it is looked at. */
const mostMarks = 32;

interface Mark {
  readonly at: number;
  readonly total: number;
}

/**
 * Which share of the last window something took, from a total that only grows. What was before the first look counts as
 * nothing, so that a burst at the start does not read as a window full of them.
 */
export class WindowedShare {
  readonly #windowMs: number;
  /** The oldest first; at most one of them is older than the window. */
  #marks: readonly Mark[] = [];

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** The share at `at`, when the total had reached `total` milliseconds. */
  look(at: number, total: number): number {
    const from = at - this.#windowMs;
    const base = this.#marks.findLastIndex((mark) => mark.at <= from);
    const marks = this.#marks.slice(Math.max(0, base));
    const [first = { at, total }] = marks;
    const last = marks.at(-1);
    const isDue = last === undefined || at - last.at >= this.#windowMs / mostMarks;
    this.#marks = isDue ? [...marks, { at, total }] : marks;
    return (total - first.total) / Math.max(at - first.at, this.#windowMs);
  }
}
