import { binOf, bins, durationOf } from "./latency-scale.ts";

/** A call is forgotten when it is between 19 and 20 twentieths of the window old. */
const buckets = 20;

/**
 * Counts of what happened in the last `windowMs`, and how long it took, in a ring of twenty buckets: memory does not
 * grow, and neither does the cost of a record. Times are milliseconds of a monotonic clock; one that steps back
 * stands still.
 */
export class SlidingWindow {
  readonly #bucketMs: number;
  readonly #calls = new Uint32Array(buckets);
  readonly #errors = new Uint32Array(buckets);
  readonly #unanswered = new Uint32Array(buckets);
  readonly #durations = new Uint32Array(buckets * bins);
  /** The sums over all buckets. */
  #allCalls = 0;
  #allErrors = 0;
  #allUnanswered = 0;
  #timed = 0;
  readonly #allDurations = new Uint32Array(bins);
  /** Number of the newest bucket since the clock's origin, and its place in the ring. */
  #newest = Number.NEGATIVE_INFINITY;
  #place = 0;
  /** The newest bucket when everything was forgotten. */
  #cleared = Number.NEGATIVE_INFINITY;

  constructor(windowMs: number) {
    this.#bucketMs = windowMs / buckets;
  }

  /** As of the newest `advance()` or record. */
  get calls(): number {
    return this.#allCalls;
  }

  /** Never more than `calls`. */
  get errors(): number {
    return this.#allErrors;
  }

  /** What nobody waited for any longer; none of the calls. */
  get unanswered(): number {
    return this.#allUnanswered;
  }

  /** Durations that `quantile()` goes by. */
  get timed(): number {
    return this.#timed;
  }

  /** Counts a call that ended now; returns what `amend()` takes. */
  count(now: number, failed: boolean): number {
    this.advance(now);
    add(this.#calls, this.#place, 1);
    this.#allCalls++;
    if (failed) this.#fail(this.#place);
    return this.#newest;
  }

  /** Counts what was given up now without an answer. */
  giveUp(now: number): void {
    this.advance(now);
    add(this.#unanswered, this.#place, 1);
    this.#allUnanswered++;
  }

  /** Remembers how long something took. */
  time(now: number, ms: number): void {
    this.advance(now);
    const bin = binOf(ms);
    add(this.#durations, this.#place * bins + bin, 1);
    add(this.#allDurations, bin, 1);
    this.#timed++;
  }

  /** Turns a call that was counted as a success into an error; false where the window has forgotten it. */
  amend(counted: number): boolean {
    const age = this.#newest - counted;
    if (!(age >= 0 && age < buckets) || counted <= this.#cleared) return false;
    this.#fail((this.#place - age + buckets) % buckets);
    return true;
  }

  /** Forgets what is too old by now. */
  advance(now: number): void {
    const bucket = Math.floor(now / this.#bucketMs);
    if (!(bucket > this.#newest)) return;
    const steps = Math.min(bucket - this.#newest, buckets);
    for (let step = 0; step < steps; step++) {
      this.#place = (this.#place + 1) % buckets;
      this.#drop(this.#place);
    }
    this.#newest = bucket;
  }

  /** Forgets everything. */
  clear(): void {
    this.#cleared = this.#newest;
    for (let place = 0; place < buckets; place++) this.#drop(place);
  }

  /**
   * Milliseconds that the share `q` of all durations, and of `more` beside them, does not exceed, at most 5 % off;
   * undefined without any. By nearest rank, but one value at least is always above it: a single outlier is no quantile.
   */
  quantile(q: number, more: readonly number[] = []): number | undefined {
    const total = this.#timed + more.length;
    if (total === 0) return undefined;
    const counts = more.length === 0 ? this.#allDurations : this.#allDurations.slice();
    for (const ms of more) add(counts, binOf(ms), 1);
    const rank = Math.max(1, Math.min(Math.ceil(q * total), total - 1));
    let bin = 0;
    for (let seen = at(counts, 0); seen < rank; seen += at(counts, bin)) bin++;
    return durationOf(bin);
  }

  #fail(place: number): void {
    add(this.#errors, place, 1);
    this.#allErrors++;
  }

  #drop(place: number): void {
    this.#allCalls -= at(this.#calls, place);
    this.#allErrors -= at(this.#errors, place);
    this.#allUnanswered -= at(this.#unanswered, place);
    this.#calls[place] = 0;
    this.#errors[place] = 0;
    this.#unanswered[place] = 0;
    const first = place * bins;
    for (let bin = 0; bin < bins; bin++) {
      const dropped = at(this.#durations, first + bin);
      if (dropped === 0) continue;
      add(this.#allDurations, bin, -dropped);
      this.#durations[first + bin] = 0;
      this.#timed -= dropped;
    }
  }
}

function at(counts: Uint32Array, place: number): number {
  return counts[place] as number;
}

function add(counts: Uint32Array, place: number, by: number): void {
  counts[place] = at(counts, place) + by;
}
