/** What does not fit the bounded set, as the semantic conventions spell it. */
const other = "_OTHER";

/** The library's own words, and the error classes of the language. */
const known: ReadonlySet<string> = new Set([
  "timeout",
  "stuck",
  "invalid_outcome",
  "missed_beat",
  "gate_closed",
  "out_of_bounds",
  "AbortError",
  "AggregateError",
  "Error",
  "EvalError",
  "RangeError",
  "ReferenceError",
  "SyntaxError",
  "TimeoutError",
  "TypeError",
  "URIError",
]);

/** Identifiers, SQLSTATEs and HTTP statuses only: a message or an id that someone put into `code` is not a type. */
const shape = /^[A-Za-z][A-Za-z0-9_.]{0,49}$|^[0-9A-Z]{5}$|^[1-5][0-9]{2}$/;

/** How many types beside the known ones one health object admits (`ECONNREFUSED`, `28P01`, a driver's own). */
const mostLearned = 64;

/** Keeps `error.type` a bounded set: the known words, the first 64 others of the right shape, then `_OTHER`. */
export class ErrorTypes {
  readonly #learned = new Set<string>();

  admit(candidate: string): string {
    if (known.has(candidate) || this.#learned.has(candidate)) return candidate;
    if (!shape.test(candidate) || this.#learned.size >= mostLearned) return other;
    this.#learned.add(candidate);
    return candidate;
  }
}
