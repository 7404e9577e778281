/** A place in generated code; both count from 0, as source maps do. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Where generated code came from. */
export interface Original extends Place {
  /** Index of the source. */
  readonly source: number;
  /** Index of the name that stands at exactly this place, if there is one. */
  readonly name?: number;
}

const comma = 0x2c;
const semicolon = 0x3b;
const backslash = 0x5c;

/** What a character of base64 stands for; 255 for all others. */
const digits: Uint8Array = new Uint8Array(256).fill(255);
for (const [value, character] of [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"].entries())
  digits[character.charCodeAt(0)] = value;

/**
 * Finds the places in the `mappings` of a source map, as they stand in its JSON: the last mapping of the line that is not
 * behind the place. Nothing is built of the others, which may be millions. Throws where they are no mappings.
 */
export function originalsOf(mappings: Uint8Array, places: readonly Place[]): readonly (Original | undefined)[] {
  const found = new Array<Original | undefined>(places.length).fill(undefined);
  const order = [...places.entries()].sort(([, a], [, b]) => a.line - b.line || a.column - b.column);
  const reader = new SegmentReader(mappings);
  let next = 0;
  let last: Segment | undefined;
  for (;;) {
    const segment = next < order.length ? reader.next() : undefined;
    for (; next < order.length; next++) {
      const [index, place] = order[next] as [number, Place];
      if (segment !== undefined && !isBefore(place, segment)) break;
      found[index] = last?.line === place.line ? originalOf(last, place) : undefined;
    }
    if (segment === undefined) return found;
    last = segment;
  }
}

interface Segment extends Place {
  readonly original: Original | undefined;
}

function isBefore(place: Place, segment: Segment): boolean {
  return place.line < segment.line || (place.line === segment.line && place.column < segment.column);
}

function originalOf({ column, original }: Segment, place: Place): Original | undefined {
  if (original === undefined || place.column === column) return original;
  const { name: _, ...unnamed } = original;
  return unnamed;
}

/** Each mapping says how it differs from the one before. */
class SegmentReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  #line = 0;
  #column = 0;
  #source = 0;
  #originalLine = 0;
  #originalColumn = 0;
  #name = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  next(): Segment | undefined {
    for (; this.#at < this.#bytes.length; this.#at++) {
      const byte = this.#bytes[this.#at];
      if (byte === semicolon) {
        this.#line += 1;
        this.#column = 0;
      } else if (byte !== comma) return this.#segment();
    }
    return undefined;
  }

  #segment(): Segment {
    this.#column += this.#number();
    const place = { line: this.#line, column: this.#column };
    if (this.#isAtEnd()) return { ...place, original: undefined };
    this.#source += this.#number();
    this.#originalLine += this.#number();
    this.#originalColumn += this.#number();
    const original = { source: this.#source, line: this.#originalLine, column: this.#originalColumn };
    if (this.#isAtEnd()) return { ...place, original };
    this.#name += this.#number();
    if (!this.#isAtEnd()) throw new Error("a mapping of more than five numbers");
    return { ...place, original: { ...original, name: this.#name } };
  }

  #isAtEnd(): boolean {
    const byte = this.#bytes[this.#at];
    return byte === undefined || byte === comma || byte === semicolon;
  }

  /** Five bits a character, the lowest first; the sixth says that more follow, and the lowest of all is the sign. */
  #number(): number {
    let value = 0;
    for (let shift = 0; shift <= 30; shift += 5) {
      // In JSON a slash may be written as `\/`.
      if (this.#bytes[this.#at] === backslash) this.#at += 1;
      const digit = digits[this.#bytes[this.#at] ?? 0] ?? 255;
      if (digit === 255) break;
      this.#at += 1;
      value += (digit & 31) * 2 ** shift;
      if ((digit & 32) === 0) return value % 2 === 1 ? -(value - 1) / 2 : value / 2;
    }
    throw new Error("mappings that are none");
  }
}
