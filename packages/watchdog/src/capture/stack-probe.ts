import { fileURLToPath } from "node:url";
import type { Frame } from "./frame.ts";

/** A stack is cut here. */
export const mostFrames = 50;

/** Names and paths are cut here: a module may be a `data:` URL of megabytes. */
const longestText = 1_000;

/** By this the probe's own frames are known, and by the other name those of Node that call it. */
const sourceUrl = "otel-health:stack-probe";
const hooksUrl = "node:internal/promise_hooks";

/**
 * What the main thread evaluates, on top of whatever it is running. For the moment that this takes, stacks are as long
 * as is wanted here and prepared by nobody else: what the application has put in their place might read files.
 */
const look = `
  const look = () => {
    const keys = ["stackTraceLimit", "prepareStackTrace"];
    const before = keys.map((key) => Object.getOwnPropertyDescriptor(Error, key));
    const set = (key, value) =>
      Object.defineProperty(Error, key, { value, writable: true, enumerable: false, configurable: true });
    const cut = (text) => String(text ?? "").slice(0, ${longestText});
    const prepare = (_, sites) => {
      const frames = [];
      for (const site of sites) {
        const url = site.getScriptNameOrSourceURL();
        if (url === "${sourceUrl}" || url === "${hooksUrl}") continue;
        frames.push([cut(site), cut(url), site.getLineNumber(), site.getColumnNumber()]);
      }
      return frames;
    };
    try {
      set("stackTraceLimit", ${mostFrames + 5});
      set("prepareStackTrace", prepare);
      const holder = {};
      Error.captureStackTrace(holder);
      return { at: process.hrtime(), frames: holder.stack };
    } finally {
      keys.forEach((key, i) => before[i] ? Object.defineProperty(Error, key, before[i]) : delete Error[key]);
    }
  };
`;

/** An expression whose value {@link readStack} reads: the stack beneath it. */
export const stackNow: string = `(() => {${look}
  return look();
})()
//# sourceURL=${sourceUrl}`;

/**
 * An expression that promises the stack of the next promise that the application makes. A chain of `await` is only ever
 * interrupted between two of its steps, where no JavaScript is on the stack. The hook takes itself away when it has seen
 * the application, or a hundred promises of others: that of the answer is one.
 */
export const stackOfNextPromise: string = `(() => {${look}
  return new Promise((resolve, reject) => {
    let left = 100;
    const stop = process.getBuiltinModule("node:v8").promiseHooks.onInit(() => {
      try {
        left -= 1;
        const seen = look();
        const found = seen.frames.some(([text, file]) => file === "" ? text.includes("eval at ") : !file.startsWith("node:"));
        if (!found && left > 0) return;
        stop();
        resolve(seen);
      } catch (error) {
        stop();
        reject(error);
      }
    });
  });
})()
//# sourceURL=${sourceUrl}`;

/** What the main thread saw, and when. */
export interface SeenStack {
  /** Milliseconds of `process.hrtime()`, which is one for all threads. */
  readonly atMs: number;
  readonly frames: readonly Frame[];
}

/** Reads the value of either expression; undefined for anything else. */
export function readStack(value: unknown): SeenStack | undefined {
  const { at, frames } = (value ?? {}) as { readonly at?: unknown; readonly frames?: unknown };
  if (!Array.isArray(at) || !Array.isArray(frames)) return undefined;
  const [seconds, nanoseconds] = at;
  const atMs = Number(seconds) * 1_000 + Number(nanoseconds) / 1_000_000;
  if (!Number.isFinite(atMs)) return undefined;
  return { atMs, frames: frames.slice(0, mostFrames).map(readFrame) };
}

function readFrame(site: unknown): Frame {
  const [text, file, line, column] = Array.isArray(site) ? site : [];
  const printed = typeof text === "string" ? text : "";
  const at = position(line, column);
  const { functionName, place } = partsOf(printed, typeof file === "string" ? file : "", at);
  if (at === undefined || place === "") return { functionName };
  return { functionName, file: pathOf(place), ...at };
}

interface Position {
  readonly line: number;
  readonly column: number;
}

function position(line: unknown, column: unknown): Position | undefined {
  return isPlace(line) && isPlace(column) ? { line, column } : undefined;
}

function isPlace(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

/** Takes a printed call apart: `name (place)`, or the place alone. Either may hold parentheses, and may have been cut. */
function partsOf(printed: string, file: string, at: Position | undefined): { functionName: string; place: string } {
  if (at === undefined) {
    const end = printed.lastIndexOf(" (");
    return { functionName: (end < 0 ? printed : printed.slice(0, end)) || "<anonymous>", place: "" };
  }
  const start = printed.indexOf(file === "" ? "eval at " : file.slice(0, 100));
  const suffix = `:${at.line}:${at.column}`;
  if (start < 0) return { functionName: printed || "<anonymous>", place: file };
  const inParentheses = printed.endsWith(" (", start);
  const place = file || withoutEnd(printed.slice(start), inParentheses ? `${suffix})` : suffix);
  const name = printed.slice(0, inParentheses ? start - 2 : start).trim();
  if (inParentheses) return { functionName: name, place };
  return { functionName: name === "" ? "<anonymous>" : `${name} <anonymous>`, place };
}

function withoutEnd(text: string, end: string): string {
  return text.endsWith(end) ? text.slice(0, -end.length) : text;
}

function pathOf(place: string): string {
  if (!place.startsWith("file:")) return place;
  try {
    return fileURLToPath(place);
  } catch {
    // Of another host, or cut: better than nothing.
    return place;
  }
}
