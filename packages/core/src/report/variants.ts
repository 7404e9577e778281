import { type Asked, askedKey } from "./asked.ts";
import type { Rendering } from "./renderings.ts";
import { type HealthResponse, withoutBody } from "./response.ts";

/** Queries can be made up without end; beyond so many the oldest answer is forgotten. */
const mostVariants = 64;

interface Variant extends Rendering {
  readonly version: number;
  readonly at: number;
}

/** Answers to queries and to the paths of single checks: rendered when they are asked for, and kept for a moment. */
export class Variants {
  readonly #now: () => number;
  readonly #write: (asked: Asked) => HealthResponse;
  readonly #restMs: number;
  readonly #kept = new Map<string, Variant>();
  #version = 0;

  constructor(now: () => number, write: (asked: Asked) => HealthResponse, restMs: number) {
    this.#now = now;
    this.#write = write;
    this.#restMs = restMs;
  }

  of(asked: Asked): Rendering {
    const key = askedKey(asked);
    const known = this.#kept.get(key);
    const now = this.#now();
    if (known !== undefined && (known.version === this.#version || now - known.at < this.#restMs)) return known;
    const get = this.#write(asked);
    const variant = { get, head: withoutBody(get), version: this.#version, at: now };
    this.#kept.delete(key);
    this.#kept.set(key, variant);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= mostVariants) break;
      this.#kept.delete(oldest);
    }
    return variant;
  }

  /** Something changed that need not be seen at once. */
  changed(): void {
    this.#version++;
  }

  /** What changed must be seen by whoever asks next. */
  clear(): void {
    this.#version++;
    this.#kept.clear();
  }
}
