/** So many parts of a window are compared; all of them rising by chance is one case in forty thousand. */
const parts = 8;
/** A rise of less than this share of the average is none: what grew was a step, or has paused. */
const leastRise = 1 / 8;

/** Something that grows, and goes on growing. */
export interface Growth {
  readonly type: string;
  /** How fast the least that there is of it grows, per minute. */
  readonly perMinute: number;
  /** How many there were at least in the last part of the window. */
  readonly count: number;
}

/** The least that was seen of each type in one part of the window; what is not in it was 0. */
type Floor = ReadonlyMap<string, number>;

/**
 * Tells a leak from load, in memory that does not grow: of each part of the window it keeps the least that there was. Load
 * comes and goes, and its floor stays; a step lifts the floor once; a leak lifts it in every part. Load that climbs
 * through the whole window cannot be told from a leak.
 */
export class Floors {
  readonly #partMs: number;
  /** Of the complete parts, the oldest first. */
  #complete: readonly Floor[] = [];
  #open: Floor | undefined;
  #openedAt = Number.NEGATIVE_INFINITY;

  constructor(windowMs: number) {
    this.#partMs = windowMs / parts;
  }

  /** What there is of each type at `now`, monotonic milliseconds. */
  add(now: number, counts: ReadonlyMap<string, number>): void {
    const age = now - this.#openedAt;
    if (this.#open !== undefined && age < this.#partMs) {
      this.#open = lower(this.#open, counts);
      return;
    }
    const isNext = this.#open !== undefined && age < 2 * this.#partMs;
    // Nothing is known of a part in which nobody looked: what comes after it begins anew.
    this.#complete = isNext && this.#open !== undefined ? [...this.#complete, this.#open].slice(-parts) : [];
    this.#openedAt = isNext ? this.#openedAt + this.#partMs : now;
    this.#open = counts;
  }

  /** Whether a whole window was seen. */
  get isFull(): boolean {
    return this.#complete.length === parts;
  }

  /** What grew through the whole window, the fastest first. */
  growth(): readonly Growth[] {
    const last = this.#complete.at(-1);
    if (!this.isFull || last === undefined) return [];
    const growing: Growth[] = [];
    for (const [type, count] of last) {
      const slope = steadySlope(this.#complete.map((floor) => floor.get(type) ?? 0));
      if (slope > 0) growing.push({ type, count, perMinute: (slope * 60_000) / this.#partMs });
    }
    return growing.sort((one, other) => other.perMinute - one.perMinute);
  }
}

function lower(floor: Floor, counts: ReadonlyMap<string, number>): Floor {
  const lowest = new Map<string, number>();
  for (const [type, count] of floor) {
    const least = Math.min(count, counts.get(type) ?? 0);
    if (least > 0) lowest.set(type, least);
  }
  return lowest;
}

/** The slope through `values` per step, by Theil and Sen; 0 where not every step is a rise. */
export function steadySlope(values: readonly number[]): number {
  const slopes = values.flatMap((from, start) => values.slice(start + 1).map((to, index) => (to - from) / (index + 1)));
  const slope = median(slopes);
  const rises = values.slice(1).map((value, index) => value - (values[index] ?? 0));
  return rises.every((rise) => rise > 0 && rise >= slope * leastRise) ? slope : 0;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}
