/** A value in the bytes of a JSON text: from `start` up to `end`, which is behind it. */
export interface JsonSpan {
  readonly start: number;
  readonly end: number;
}

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const openings: ReadonlySet<number | undefined> = new Set([0x5b, 0x7b]);
const closings: ReadonlySet<number | undefined> = new Set([0x5d, 0x7d]);
const spaces: ReadonlySet<number | undefined> = new Set([0x20, 0x09, 0x0a, 0x0d]);

/**
 * Where the values of an object stand, by key. They are passed over, not made: a source map holds megabytes that nobody
 * asks for, and the thread that looks has a small heap. Throws for what is no object, and not for every other fault.
 */
export function membersOf(json: Buffer, object: JsonSpan): ReadonlyMap<string, JsonSpan> {
  const members = new Map<string, JsonSpan>();
  for (let at = insideOf(json, object, 0x7b); !closings.has(json[at]); ) {
    const end = endOfValue(json, at);
    const value = afterSpaces(json, end);
    if (json[at] !== quote || json[value] !== colon) throw new Error("no object");
    const start = afterSpaces(json, value + 1);
    const span = { start, end: endOfValue(json, start) };
    members.set(json.toString("utf8", at + 1, end - 1), span);
    at = afterComma(json, span.end);
  }
  return members;
}

/** Where the values of an array stand. Throws for what is no array, and not for every other fault. */
export function* elementsOf(json: Buffer, array: JsonSpan): Generator<JsonSpan> {
  for (let at = insideOf(json, array, 0x5b); !closings.has(json[at]); ) {
    const span = { start: at, end: endOfValue(json, at) };
    yield span;
    at = afterComma(json, span.end);
  }
}

/** The value itself; throws where it is longer than `longest` bytes. */
export function valueAt(json: Buffer, { start, end }: JsonSpan, longest: number): unknown {
  if (end - start > longest) throw new Error(`a value of more than ${longest} bytes`);
  return JSON.parse(json.toString("utf8", start, end));
}

function insideOf(json: Buffer, { start }: JsonSpan, opening: number): number {
  if (json[start] !== opening) throw new Error("another kind of value");
  return afterSpaces(json, start + 1);
}

function afterComma(json: Buffer, at: number): number {
  const next = afterSpaces(json, at);
  if (json[next] === comma) return afterSpaces(json, next + 1);
  if (closings.has(json[next])) return next;
  throw new Error("no comma between two values");
}

function afterSpaces(json: Buffer, at: number): number {
  let next = at;
  while (spaces.has(json[next])) next += 1;
  return next;
}

function endOfValue(json: Buffer, start: number): number {
  if (json[start] === quote) return endOfString(json, start);
  let depth = 0;
  let at = start;
  for (; at < json.length; at++) {
    const byte = json[at];
    if (openings.has(byte)) depth += 1;
    else if (depth === 0 && (byte === comma || closings.has(byte) || spaces.has(byte))) break;
    else if (closings.has(byte) && --depth === 0) return at + 1;
    else if (byte === quote) at = endOfString(json, at) - 1;
  }
  if (at === start || depth > 0) throw new Error("a value without an end");
  return at;
}

function endOfString(json: Buffer, start: number): number {
  for (let end = json.indexOf(quote, start + 1); end >= 0; end = json.indexOf(quote, end + 1)) {
    let escapes = 0;
    while (json[end - 1 - escapes] === backslash) escapes += 1;
    if (escapes % 2 === 0) return end + 1;
  }
  throw new Error("a string without an end");
}
