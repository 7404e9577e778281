import type { Attributes } from "@opentelemetry/api";
import { type Criterion, type Matcher, meets } from "./matcher.ts";

/** Hears of the calls that match. */
export interface CallWatcher {
  /** One has begun. */
  begun(): void;
  /** One has ended; returns what `amend` takes, undefined where it has failed already. */
  ended(call: EndedCall): number | undefined;
  /** The caller of one has given it up after so many milliseconds without an answer; 0 where it may have had one. */
  givenUp(ms: number): void;
  /** One that was counted as a success has failed after all. */
  amend(counted: number | undefined, errorType: string): void;
}

/** One call that the service has made and that has ended. */
export interface EndedCall {
  /** Those of its span; of a call that was seen without one, where it went and how. */
  readonly attributes: Attributes;
  /** What it counts as, unless `isError` says otherwise. */
  readonly failed: boolean;
  /** What went wrong, also where that is the caller's own matter: a status code, an error's code or name. */
  readonly errorType: string | undefined;
  /** Milliseconds. */
  readonly durationMs: number;
}

interface Entry {
  readonly watcher: CallWatcher;
  /** The watcher in a list, for calls that it alone watches. */
  readonly alone: readonly CallWatcher[];
  /** Names under which the attribute would have been found before; they come first. */
  readonly earlier: readonly string[];
  readonly rest: readonly Criterion[];
}

const nobody: readonly CallWatcher[] = [];
const noEntries: readonly Entry[] = [];

/**
 * Finds the watchers of a call by the first attribute that each asks for: the cost does not grow with their number, and
 * a call that nobody watches costs a few look-ups and no memory.
 */
export class CallIndex {
  readonly #matchers = new Map<CallWatcher, Matcher>();
  #byName: readonly (readonly [name: string, byValue: ReadonlyMap<unknown, readonly Entry[]>])[] = [];
  #functions: readonly (readonly [CallWatcher, (attributes: Attributes) => boolean])[] = [];

  get isEmpty(): boolean {
    return this.#matchers.size === 0;
  }

  get watchers(): Iterable<CallWatcher> {
    return this.#matchers.keys();
  }

  /** Adds a watcher; returns what takes it off. */
  add(watcher: CallWatcher, matcher: Matcher): () => void {
    this.#matchers.set(watcher, matcher);
    this.#build();
    return () => {
      if (this.#matchers.delete(watcher)) this.#build();
    };
  }

  /** Those who watch calls with these attributes. */
  find(attributes: Attributes): readonly CallWatcher[] {
    let found = nobody;
    for (const [name, byValue] of this.#byName) {
      const value = attributes[name];
      if (value === undefined) continue;
      for (const { watcher, alone, earlier, rest } of byValue.get(value) ?? noEntries) {
        if (earlier.length > 0 && earlier.some((other) => attributes[other] !== undefined)) continue;
        if (rest.length > 0 && !rest.every((criterion) => meets(criterion, attributes))) continue;
        found = found.length === 0 ? alone : [...found, watcher];
      }
    }
    for (const [watcher, matches] of this.#functions) if (matches(attributes)) found = [...found, watcher];
    return found;
  }

  #build(): void {
    const byName = new Map<string, Map<unknown, Entry[]>>();
    const functions: [CallWatcher, (attributes: Attributes) => boolean][] = [];
    for (const [watcher, matcher] of this.#matchers) {
      if (typeof matcher === "function") {
        functions.push([watcher, matcher]);
        continue;
      }
      const [{ names, values }, ...rest] = matcher;
      names.forEach((name, place) => {
        const byValue = byName.get(name) ?? new Map<unknown, Entry[]>();
        byName.set(name, byValue);
        const entry = { watcher, alone: [watcher], earlier: names.slice(0, place), rest };
        for (const value of values) byValue.set(value, [...(byValue.get(value) ?? []), entry]);
      });
    }
    this.#byName = [...byName];
    this.#functions = functions;
  }
}
