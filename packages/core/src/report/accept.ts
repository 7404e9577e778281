import type { Format } from "./format.ts";

/** The media types of the formats, in the order in which they are preferred. */
const types: readonly (readonly [Format, string])[] = [
  ["json", "application/json"],
  ["health+json", "application/health+json"],
  ["text", "text/plain"],
];

/** A header longer than this many characters is no wish that anyone has typed. */
const longest = 1_000;

/**
 * The format that an `Accept` header likes best; our own JSON where it says nothing, nonsense, or only what there is
 * not: a probe is never refused for its manners.
 */
export function formatOf(accept: unknown): Format {
  if (accept === undefined || accept === "*/*" || typeof accept !== "string" || accept.length > longest) return "json";
  const ranges = accept.toLowerCase().split(",").map(readRange);
  let best: Format = "json";
  let bestRank = 0;
  for (const [format, type] of types) {
    const rank = rankOf(type, ranges);
    if (rank > bestRank) {
      best = format;
      bestRank = rank;
    }
  }
  return best;
}

interface Range {
  readonly type: string;
  readonly quality: number;
}

function readRange(text: string): Range {
  const [type = "", ...parameters] = text.split(";").map((part) => part.trim());
  const quality = parameters.find((parameter) => parameter.startsWith("q="));
  const number = quality === undefined ? 1 : Number(quality.slice(2));
  return { type, quality: number >= 0 && number <= 1 ? number : 0 };
}

/** Quality first; of two that are liked as much, the one that is named more exactly. */
function rankOf(type: string, ranges: readonly Range[]): number {
  const wildcards = ["*/*", `${type.slice(0, type.indexOf("/"))}/*`, type];
  let exactness = -1;
  let quality = 0;
  for (const range of ranges) {
    const at = wildcards.indexOf(range.type);
    if (at <= exactness) continue;
    exactness = at;
    quality = range.quality;
  }
  return quality === 0 ? 0 : quality * 10 + exactness;
}
