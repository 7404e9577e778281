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

/** So many mappings are read without a break, which takes a few milliseconds. */
const withoutBreak = 50_000;

/**
 * Finds the places in the `mappings` of a source map, as they stand in its JSON: the last mapping of the line that is not
 * behind the place. Nothing is made of the others, which may be millions, and now and then it yields. Throws where they
 * are no mappings.
 */
export function* originalsOf(
  mappings: Uint8Array,
  places: readonly Place[],
): Generator<void, readonly (Original | undefined)[]> {
  const found = new Array<Original | undefined>(places.length).fill(undefined);
  const order = [...places.entries()].sort(([, a], [, b]) => a.line - b.line || a.column - b.column);
  const reader = new MappingReader(mappings);
  let next = 0;
  for (let count = 1; next < order.length; count++) {
    const { line, column, parts, source, originalLine, originalColumn, name } = reader;
    const more = reader.next();
    for (; next < order.length; next++) {
      const [index, place] = order[next] as [number, Place];
      if (more && !isBefore(place, reader)) break;
      if (place.line !== line || parts < 4) continue;
      const isNamed = parts === 5 && place.column === column;
      found[index] = { source, line: originalLine, column: originalColumn, ...(isNamed && { name }) };
    }
    if (count % withoutBreak === 0) yield;
  }
  return found;
}

function isBefore(place: Place, { line, column }: Place): boolean {
  return place.line < line || (place.line === line && place.column < column);
}

/** Holds one mapping at a time. Each says how its parts differ from those of the one before. */
class MappingReader {
  line = 0;
  column = 0;
  /** How many numbers the mapping has: 1 is where it is, 4 also where that came from, 5 also its name. */
  parts = 0;
  source = 0;
  originalLine = 0;
  originalColumn = 0;
  name = 0;
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Goes on to the next one, if there is one. */
  next(): boolean {
    for (; ; this.#at++) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) return false;
      if (byte === semicolon) {
        this.line += 1;
        this.column = 0;
      } else if (byte !== comma) break;
    }
    this.column += this.#number();
    this.parts = 1;
    if (this.#isAtEnd()) return true;
    this.source += this.#number();
    this.originalLine += this.#number();
    this.originalColumn += this.#number();
    this.parts = 4;
    if (this.#isAtEnd()) return true;
    this.name += this.#number();
    this.parts = 5;
    if (!this.#isAtEnd()) throw new Error("a mapping of more than five numbers");
    return true;
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
