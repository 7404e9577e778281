import { SourceMap } from "node:module";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Original, originalsOf, type Place } from "../../src/capture/mappings.ts";

/** A mapping in all its parts: where, and what it says of where that came from. */
interface Mapping extends Place {
  readonly original?: {
    readonly source: number;
    readonly line: number;
    readonly column: number;
    readonly name?: number;
  };
}

const base64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

function encodedNumber(value: number): string {
  let rest = Math.abs(value) * 2 + (value < 0 ? 1 : 0);
  let text = "";
  do {
    const more = rest >= 32;
    text += base64[(rest % 32) + (more ? 32 : 0)];
    rest = Math.floor(rest / 32);
  } while (rest > 0);
  return text;
}

/** The straightforward way round: each number less the one before of its kind. */
function encoded(mappings: readonly Mapping[]): string {
  const last = { source: 0, line: 0, column: 0, name: 0 };
  let text = "";
  let line = 0;
  let column: number | undefined;
  for (const { line: at, column: from, original } of mappings) {
    if (at > line) {
      text += ";".repeat(at - line);
      line = at;
      column = undefined;
    }
    if (column !== undefined) text += ",";
    text += encodedNumber(from - (column ?? 0));
    column = from;
    if (original === undefined) continue;
    for (const key of ["source", "line", "column", "name"] as const) {
      const value = original[key];
      if (value === undefined) continue;
      text += encodedNumber(value - last[key]);
      last[key] = value;
    }
  }
  return text;
}

/** All that it finds, without a break. */
function found(text: string, asked: readonly Place[]): readonly (Original | undefined)[] {
  const lookup = originalsOf(Buffer.from(text), asked);
  for (;;) {
    const { done, value } = lookup.next();
    if (done) return value;
  }
}

const coordinate = (max: number) => fc.oneof(fc.nat(5), fc.nat(max));
const original = fc.record(
  { source: fc.nat(9), line: coordinate(5_000), column: coordinate(5_000), name: fc.nat(9) },
  { requiredKeys: ["source", "line", "column"] },
);
const mapping = fc.record(
  { line: fc.nat(8), column: coordinate(100_000), original },
  { requiredKeys: ["line", "column"] },
);
const byPlace = (a: Place, b: Place) => a.line - b.line || a.column - b.column;
/** As compilers write them: in order, and one a place. */
const mappings = fc
  .uniqueArray(mapping, { selector: ({ line, column }) => `${line}:${column}`, maxLength: 40 })
  .map((all) => all.toSorted(byPlace) as readonly Mapping[]);
const places = fc.array(fc.record({ line: fc.nat(9), column: coordinate(100_000) }), { maxLength: 10 });

describe("originalsOf()", () => {
  it("finds what a look at each mapping finds, and what Node finds", () => {
    fc.assert(
      fc.property(mappings, places, (all, others) => {
        const asked = [...others, ...all, ...all.map(({ line, column }) => ({ line, column: column + 1 }))];
        const text = encoded(all);
        const originals = found(text, asked);
        const names = Array.from({ length: 10 }, (_, i) => `name${i}`);
        const sources = Array.from({ length: 10 }, (_, i) => `source${i}`);
        const map = new SourceMap({
          file: "",
          version: 3,
          sources,
          names,
          mappings: text,
          sourceRoot: "",
          sourcesContent: [],
        });
        for (const [i, place] of asked.entries()) {
          const last = all.findLast(({ line, column }) => line === place.line && column <= place.column);
          const { name, ...unnamed } = last?.original ?? {};
          const exact = last?.column === place.column && name !== undefined ? { ...unnamed, name } : unnamed;
          expect(originals[i]).toEqual(last?.original && exact);
          if (last?.original === undefined) continue;
          const entry = map.findEntry(place.line, place.column) as Partial<Record<string, unknown>>;
          expect(entry).toMatchObject({
            originalSource: sources[last.original.source],
            originalLine: originals[i]?.line,
            originalColumn: originals[i]?.column,
          });
        }
      }),
      { numRuns: 300 },
    );
  });

  it("reads a slash that JSON has escaped", () => {
    // "+/" occurs in large numbers.
    const all = [{ line: 0, column: 0, original: { source: 0, line: 1_047_039, column: 1 } }];
    const text = encoded(all);
    expect(text).toContain("/");
    expect(found(text.replaceAll("/", "\\/"), [{ line: 0, column: 7 }])).toEqual([all[0]?.original]);
  });

  it("throws or finds something, whatever it is given", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...base64, ",", ";") })),
        places,
        (text, asked) => {
          try {
            expect(found(text, asked)).toHaveLength(asked.length);
          } catch (error) {
            expect(String(error)).toMatch(/^Error: (mappings that are none|a mapping of more than five numbers)$/);
          }
        },
      ),
    );
  });

  it("reads no further than it must", () => {
    const text = `${encoded([{ line: 0, column: 0, original: { source: 0, line: 3, column: 4 } }])};AAAA;!`;
    expect(found(text, [{ line: 0, column: 9 }])).toEqual([{ source: 0, line: 3, column: 4 }]);
    expect(found("!", [])).toEqual([]);
  });
});
