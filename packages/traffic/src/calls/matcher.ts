import type { Attributes } from "@opentelemetry/api";
import { demand } from "@otel-health/core";
import { predicate } from "../contained.ts";
import { namesOf, spellingsOf } from "./attribute-names.ts";

/** What an attribute may be compared with. */
export type MatchValue = string | number | boolean;

/**
 * Which calls are meant: those whose attributes have all of these values (any one of several in an array), or those for
 * which a function returns true. Of attributes that OpenTelemetry has renamed either name does for both.
 */
export type Match =
  | { readonly [attribute: string]: MatchValue | readonly MatchValue[] }
  | ((attributes: Attributes) => boolean);

/** One attribute that is compared, under all of its names. */
export interface Criterion {
  readonly names: readonly string[];
  readonly values: ReadonlySet<unknown>;
}

/** A match, validated. */
export type Matcher = readonly [Criterion, ...Criterion[]] | ((attributes: Attributes) => boolean);

/** Validates a match; throws `HealthError`, which names it by `what`. */
export function readMatch(what: string, match: Match): Matcher {
  if (typeof match === "function") return predicate(what, match, () => false);
  const isRecord = typeof match === "object" && match !== null && !Array.isArray(match);
  const expected = 'attributes such as { "server.address": "api.example.com" }, or a function of attributes';
  demand(isRecord, what, expected, match);
  const [first, ...rest] = Object.entries(match).map(([attribute, given]): Criterion => {
    const values = Array.isArray(given) ? given : [given];
    const good = values.length > 0 && values.every(isValue);
    demand(good, `"${attribute}" in ${what}`, "a string, a number, true or false, or an array of those", given);
    return {
      names: namesOf(attribute),
      values: new Set(values.flatMap((value: MatchValue) => spellingsOf(attribute, value))),
    };
  });
  demand(first !== undefined, what, `${expected}; an empty one would match every call`, match);
  return [first as Criterion, ...rest];
}

/** Whether the attribute, under the first of its names that is there, has one of the values. */
export function meets({ names, values }: Criterion, attributes: Attributes): boolean {
  for (const name of names) {
    const value = attributes[name];
    if (value !== undefined) return values.has(value);
  }
  return false;
}

function isValue(value: unknown): value is MatchValue {
  return (typeof value === "string" && value !== "") || Number.isFinite(value) || typeof value === "boolean";
}
