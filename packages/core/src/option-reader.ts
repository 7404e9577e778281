import { HealthError } from "./health-error.ts";
import { withoutCredentials } from "./observation/redact.ts";

interface NumberRule {
  readonly fallback?: number;
  readonly min: number;
  readonly max?: number;
  readonly integer?: boolean;
  readonly unit?: string;
  readonly mend?: string;
}

/** A timer cannot wait longer than this many milliseconds (24.8 days). */
export const longestMs: number = 2 ** 31 - 1;

/**
 * Reads the options of one thing, named by `where`. Every complaint names the option, what was given and what to do;
 * `done()` rejects the keys that nobody asked for, so that a misspelled option is never silently ignored.
 */
export class OptionReader {
  readonly #where: string;
  readonly #options: Readonly<Record<string, unknown>>;
  readonly #known = new Set<string>();

  constructor(where: string, options: unknown) {
    this.#where = where;
    this.#options = optionsOf(where, options) as Readonly<Record<string, unknown>>;
  }

  number(key: string, rule: NumberRule): number {
    const value = this.#read(key);
    if (value === undefined && rule.fallback !== undefined) return rule.fallback;
    const { min, max = Number.POSITIVE_INFINITY, integer = false, unit = "" } = rule;
    if (
      typeof value !== "number" ||
      Number.isNaN(value) ||
      value < min ||
      value > max ||
      (integer && value % 1 !== 0)
    ) {
      const range = max === Number.POSITIVE_INFINITY ? `from ${min} up` : `from ${min} to ${max}`;
      this.fail(key, `${integer ? "a whole number" : "a number"} ${range}${unit && ` (${unit})`}`, value, rule.mend);
    }
    return value as number;
  }

  /** A duration in milliseconds; `min` is 0 unless given. */
  ms(key: string, fallback: number | undefined, min = 0): number {
    const rule = { min, max: longestMs, unit: "milliseconds" };
    return this.number(key, fallback === undefined ? rule : { ...rule, fallback });
  }

  boolean(key: string, fallback: boolean): boolean {
    const value = this.#read(key);
    if (value === undefined) return fallback;
    if (typeof value !== "boolean") this.fail(key, "true or false", value);
    return value as boolean;
  }

  string(key: string): string | undefined {
    const value = this.#read(key);
    if (value !== undefined && (typeof value !== "string" || value === "")) this.fail(key, "a non-empty string", value);
    return value as string | undefined;
  }

  oneOf<T extends string>(key: string, words: readonly T[], fallback?: T): T {
    const value = this.#read(key);
    if (value === undefined && fallback !== undefined) return fallback;
    if (!words.includes(value as T)) this.fail(key, `one of ${listed(words)}`, value);
    return value as T;
  }

  /** Words out of `words`, at least one and each once. */
  someOf<T extends string>(key: string, words: readonly T[], fallback: readonly T[], mend?: string): readonly T[] {
    const value = this.array(key) ?? fallback;
    if (value.some((word) => !words.includes(word as T))) this.fail(key, `an array of ${listed(words)}`, value);
    if (value.length === 0) this.fail(key, "an array of at least one", value, mend);
    return [...new Set(value)] as readonly T[];
  }

  function<T>(key: string, mend?: string): T | undefined {
    const value = this.#read(key);
    if (value !== undefined && typeof value !== "function") this.fail(key, "a function", value, mend);
    return value as T | undefined;
  }

  array(key: string): readonly unknown[] | undefined {
    const value = this.#read(key);
    if (value !== undefined && !Array.isArray(value)) this.fail(key, "an array", value);
    return value as readonly unknown[] | undefined;
  }

  /** Names, each once; empty where none are given. */
  names(key: string): readonly string[] {
    const value = this.array(key) ?? [];
    if (value.some((name) => typeof name !== "string")) this.fail(key, "an array of names", value);
    return [...new Set(value as readonly string[])];
  }

  /** An object that can do all that `methods` says. */
  provider<T extends object>(key: string, what: string, methods: readonly (keyof T & string)[], fallback?: T): T {
    const value = this.#read(key);
    if (value === undefined && fallback !== undefined) return fallback;
    const missing = methods.filter(
      (method) => typeof (value as Partial<T> | null | undefined)?.[method] !== "function",
    );
    if (missing.length > 0) this.fail(key, `${what} (missing: ${missing.join(", ")})`, value);
    return value as T;
  }

  /** A nested object that its own reader validates; empty where it is not given. */
  section(key: string): unknown {
    const value = this.#read(key);
    return value === undefined ? {} : value;
  }

  /** Anything else that its own reader validates. */
  unchecked(key: string): unknown {
    return this.#read(key);
  }

  /** Throws `invalid_option` for `key`: what it must be, what it was, and how to mend it. */
  fail(key: string, expected: string, given: unknown, mend?: string): never {
    const what = `${key} of ${this.#where} must be ${expected}, got ${show(given)}`;
    throw new HealthError("invalid_option", mend === undefined ? what : `${what}; ${mend}`);
  }

  /** Throws `contradictory_options` about this object. */
  contradiction(message: string): never {
    throw new HealthError("contradictory_options", `${this.#where}: ${message}`);
  }

  done(): void {
    for (const key of Object.keys(this.#options)) {
      if (this.#known.has(key)) continue;
      const known = [...this.#known].sort().join(", ");
      throw new HealthError("invalid_option", `${key} is not an option of ${this.#where}; the options are: ${known}`);
    }
  }

  #read(key: string): unknown {
    this.#known.add(key);
    return this.#options[key];
  }
}

/** What was given, if it can be options. A Map or a list would read as if nothing were given. */
export function optionsOf<T>(where: string, options: T): T & object {
  if (isRecord(options)) return options;
  throw new HealthError("invalid_option", `${where} must be an object of options, got ${show(options)}`);
}

/** Whether a value holds entries by name. */
export function isRecord<T>(value: T): value is T & object {
  return typeof value === "object" && value !== null && !(Symbol.iterator in value);
}

function listed(words: readonly string[]): string {
  return words.map((word) => `"${word}"`).join(", ");
}

/** A short rendering of a value that was given by mistake, without credentials. */
export function show(value: unknown): string {
  if (typeof value === "string") {
    const safe = withoutCredentials(value);
    return JSON.stringify(safe.length > 40 ? `${safe.slice(0, 40)}…` : safe);
  }
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return "a function";
  if (typeof value === "symbol") return "a symbol";
  if (Array.isArray(value)) {
    // Not what arrays in it hold: they may hold themselves.
    const items = value.slice(0, 5).map((item) => (Array.isArray(item) ? "an array" : show(item)));
    return `[${items.join(", ")}${value.length > 5 ? ", …" : ""}]`;
  }
  if (typeof value === "object" && value !== null) return "an object";
  return String(value);
}
