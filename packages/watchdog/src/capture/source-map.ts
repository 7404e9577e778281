import { elementsOf, type JsonSpan, membersOf, valueAt } from "./json-span.ts";
import { originalsOf, type Place } from "./mappings.ts";

/** The parts of a map that are made values of are not longer, bytes. */
const longestValue = 64 * 1_024;

/** A place in a source, as the map names it; from 0. */
export interface Origin extends Place {
  readonly source: string;
  /** What stands at exactly this place. */
  readonly name?: string;
}

/** What is found, place by place. It yields now and then, so that whoever drives it can do something else. */
export type Lookup = Generator<void, readonly (Origin | undefined)[]>;

/** Where places of generated code came from, by the JSON of its source map. Throws where that is none. */
export function originsIn(json: Buffer, places: readonly Place[]): Lookup {
  // What comes before is there so that no browser runs it.
  return originsInMap(json, { start: json.indexOf("{"), end: json.length }, places);
}

function* originsInMap(json: Buffer, map: JsonSpan, places: readonly Place[]): Lookup {
  const members = membersOf(json, map);
  const sections = members.get("sections");
  if (sections !== undefined) return yield* originsInSections(json, sections, places);
  const mappings = members.get("mappings");
  const sources = members.get("sources");
  if (mappings === undefined || sources === undefined) throw new Error("no source map");
  const originals = yield* originalsOf(json.subarray(mappings.start + 1, mappings.end - 1), places);
  const sourceAt = stringsAt(
    json,
    sources,
    originals.map((original) => original?.source),
  );
  const nameAt = stringsAt(
    json,
    members.get("names"),
    originals.map((original) => original?.name),
  );
  const rootSpan = members.get("sourceRoot");
  const root = rootSpan === undefined ? "" : valueAt(json, rootSpan, longestValue);
  return originals.map((original) => {
    const source = original && sourceAt.get(original.source);
    if (original === undefined || source === undefined) return undefined;
    const { line, column } = original;
    const name = original.name === undefined ? undefined : nameAt.get(original.name);
    const rooted = typeof root === "string" && root !== "" ? `${root.replace(/\/?$/, "/")}${source}` : source;
    return { source: rooted, line, column, ...(name !== undefined && { name }) };
  });
}

/** Each of the maps begins where it says, and ends where the next begins. */
function* originsInSections(json: Buffer, sections: JsonSpan, places: readonly Place[]): Lookup {
  const found = new Array<Origin | undefined>(places.length).fill(undefined);
  const parts = [...elementsOf(json, sections)].map((section) => {
    const members = membersOf(json, section);
    const offset = members.get("offset");
    const map = members.get("map");
    if (offset === undefined || map === undefined) throw new Error("no section");
    const { line, column } = valueAt(json, offset, longestValue) as Place;
    return { line, column, map };
  });
  const partOf = ({ line, column }: Place) =>
    parts.findLast((part) => part.line < line || (part.line === line && part.column <= column));
  for (const part of new Set(places.map(partOf))) {
    if (part === undefined) continue;
    const those = [...places.entries()].filter(([, place]) => partOf(place) === part);
    const within = those.map(([, { line, column }]) => ({
      line: line - part.line,
      column: line === part.line ? column - part.column : column,
    }));
    const origins = yield* originsInMap(json, part.map, within);
    for (const [i, [index]] of those.entries()) found[index] = origins[i];
  }
  return found;
}

/** The strings that stand at some indexes of an array; what is no string is left out. */
function stringsAt(
  json: Buffer,
  array: JsonSpan | undefined,
  indexes: readonly (number | undefined)[],
): ReadonlyMap<number, string> {
  const strings = new Map<number, string>();
  const wanted = new Set(indexes.filter((index) => index !== undefined));
  if (array === undefined || wanted.size === 0) return strings;
  let index = 0;
  for (const element of elementsOf(json, array)) {
    const value = wanted.delete(index) ? valueAt(json, element, longestValue) : undefined;
    if (typeof value === "string") strings.set(index, value);
    if (wanted.size === 0) break;
    index += 1;
  }
  return strings;
}
