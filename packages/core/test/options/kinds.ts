import { FakeClock } from "@otel-health/core/testing";

/** What an option takes: how its error says so, values that it must refuse, and values that it must take. */
export interface Kind {
  readonly must: string;
  readonly bad: readonly unknown[];
  readonly good: readonly unknown[];
  /** The error, where it is not `<key> of <where> must be <must>, got <value>`. */
  readonly says?: (key: string, where: string, given: string) => string;
}

const noop = () => {};
const symbol = Symbol("s");
/** One of everything. */
const everything: readonly unknown[] = [null, true, 5, Number.NaN, "text", "", 5n, symbol, noop, {}, [1], [[symbol]]];

export function except(...types: string[]): unknown[] {
  return everything.filter((value) => !types.includes(Array.isArray(value) ? "array" : typeof value));
}

export const boolean: Kind = { must: "true or false", bad: [...except("boolean"), 0, "false"], good: [true, false] };

export const text: Kind = { must: "a non-empty string", bad: [...except("string"), ""], good: ["a", " "] };

export const callback: Kind = { must: "a function", bad: except("function"), good: [noop, async () => {}] };

export const callbacks: Kind = {
  must: "a function or an array of them",
  bad: [...except("function", "array"), [1], [noop, "text"]],
  good: [noop, [], [noop, async () => {}]],
};

/** The nested object's own options have rows of their own. */
export const object: Kind = { must: "an object of options", bad: except("object"), good: [{}] };

/** A nested object that is so well known that its error does not say where it stands. */
export function section(name: string, ...good: unknown[]): Kind {
  const says = (_key: string, _where: string, given: string) => `${name} must be an object of options, got ${given}`;
  return { ...object, bad: [...object.bad, null], good: [{}, ...good], says };
}

/** Milliseconds that a timer can wait, from `min` up. */
export function milliseconds(min: 0 | 1): Kind {
  const longest = 2_147_483_647;
  return {
    must: `a number from ${min} to ${longest} (milliseconds)`,
    bad: [
      ...except("number"),
      Number.NaN,
      min - 0.001,
      -1,
      longest + 1,
      Number.POSITIVE_INFINITY,
      -Number.POSITIVE_INFINITY,
    ],
    good: [min, 1.5, longest],
  };
}

/** Milliseconds that may be `Infinity`. */
export function openMilliseconds(min: 0 | 1, ...good: number[]): Kind {
  return {
    must: `a number from ${min} up (milliseconds)`,
    bad: [...except("number"), Number.NaN, min - 0.001, -1, -Number.POSITIVE_INFINITY],
    good: [min, ...good],
  };
}

/** The same with what to do. */
export function mended(kind: Kind, mend: string): Kind {
  return { ...kind, says: (key, where, given) => `${key} of ${where} must be ${kind.must}, got ${given}; ${mend}` };
}

export const count: Kind = {
  must: "a whole number from 1 up",
  bad: [...except("number"), Number.NaN, 0, -1, 1.5, Number.POSITIVE_INFINITY],
  good: [1, 2, 1_000_000],
};

export function between(min: number, max: number): Kind {
  return {
    must: `a number from ${min} to ${max}`,
    bad: [...except("number"), Number.NaN, min - 0.001, max + 0.001, Number.POSITIVE_INFINITY],
    good: [min, max, (min + max) / 2],
  };
}

export const bound: Kind = {
  must: "a number from -Infinity up",
  bad: [...except("number"), Number.NaN],
  good: [0, -1.5, 1e300],
};

export function oneOf(...words: string[]): Kind {
  return {
    must: `one of ${words.map((word) => `"${word}"`).join(", ")}`,
    bad: [...everything, words[0]?.toUpperCase(), [words[0]]],
    good: words,
  };
}

/** `allowed` names the words. */
export function listOf(what: string, words: readonly string[]): Kind {
  const must = `an array of ${words.map((word) => `"${word}"`).join(", ")}`;
  return {
    must,
    bad: [["typo"], [words[0], 5], [null], [[words[0]]]],
    good: [words, [words[0], words[0]]],
    says: (key, where, given) => `${key} of ${where} must be ${must}, got ${given}${what}`,
  };
}

/** A status code. */
export function code(min: number, max: number, mend: string): Kind {
  const must = `a whole number from ${min} to ${max}`;
  return {
    must,
    bad: [...except("number"), Number.NaN, min - 1, max + 1, min + 0.5],
    good: [min, max],
    says: (key, where, given) => `${key} of ${where} must be ${must}, got ${given}; ${mend}`,
  };
}

export const array: Kind = { must: "an array", bad: [...except("array"), { length: 0 }], good: [[]] };

export const clock: Kind = {
  must: "a Clock (missing: now, wallTime, random, setTimer, clearTimer)",
  bad: [null, 5, "text", {}, noop, []],
  good: [new FakeClock()],
};

/** A value as errors show it. */
export function shown(value: unknown): string {
  if (Array.isArray(value))
    return `[${value.map((item) => (Array.isArray(item) ? "an array" : shown(item))).join(", ")}]`;
  switch (typeof value) {
    case "string":
      return `"${value}"`;
    case "bigint":
      return `${value}n`;
    case "symbol":
    case "function":
      return `a ${typeof value}`;
    case "object":
      return value === null ? "null" : "an object";
    default:
      return String(value);
  }
}
