import type { Agenda, AgendaEntry } from "../schedule/agenda.ts";
import type { AnyProbe } from "../verdict/probe.ts";
import { type Asked, askedKey } from "./asked.ts";
import { type HealthResponse, withoutBody } from "./response.ts";
import { Variants } from "./variants.ts";

/** Changes that leave the verdict as it is are rendered at most this often, in milliseconds. */
const renderEveryMs = 100;

/** With thousands of checks they are rendered seldom enough to take at most a fiftieth of the time, but every second. */
const shareOfTime = 1 / 50;
const renderAtLeastEveryMs = 1_000;

/** The answer to GET and to HEAD. */
export interface Rendering {
  readonly get: HealthResponse;
  readonly head: HealthResponse;
}

interface Kept {
  readonly asked: Asked;
  get: HealthResponse;
  head: HealthResponse;
}

/** Keeps the rendered answers current, so that a probe only picks one up. */
export class Renderings implements AgendaEntry {
  position = -1;
  wakeAt: number = Number.POSITIVE_INFINITY;
  /** Answers to what is asked now and then: rendered when it is. */
  readonly variants: Variants;
  readonly #agenda: Agenda;
  readonly #now: () => number;
  readonly #write: (asked: Asked) => HealthResponse;
  readonly #kept = new Map<string, Kept>();
  #renderedAt = Number.NEGATIVE_INFINITY;
  #tookMs = 0;
  #current = true;

  constructor(agenda: Agenda, now: () => number, write: (asked: Asked) => HealthResponse) {
    this.#agenda = agenda;
    this.#now = now;
    this.#write = write;
    this.variants = new Variants(now, write, renderEveryMs);
  }

  /** The rendering of what is asked, rendered by the first call for it and kept current from then on. */
  of(asked: Asked): Rendering {
    const key = askedKey(asked);
    let kept = this.#kept.get(key);
    if (kept === undefined) {
      const get = this.#write(asked);
      kept = { asked, get, head: withoutBody(get) };
      this.#kept.set(key, kept);
    }
    return kept;
  }

  /** The answer to what is asked now, kept for nobody. */
  write(asked: Asked): HealthResponse {
    return this.#write(asked);
  }

  /** Something changed; `at` is timeline milliseconds. */
  changed(at: number): void {
    this.variants.changed();
    if (!this.#current || this.#kept.size === 0) return;
    this.#current = false;
    const restMs = Math.min(Math.max(renderEveryMs, this.#tookMs / shareOfTime), renderAtLeastEveryMs);
    this.#agenda.set(this, Math.max(at, this.#renderedAt + restMs));
  }

  /** The verdict of these probes changed: their answers must say so before anyone asks again. */
  verdictChanged(changes: readonly { readonly probe: AnyProbe }[]): void {
    if (changes.length === 0) return;
    this.variants.clear();
    for (const kept of this.#kept.values()) {
      if (changes.some(({ probe }) => probe === kept.asked.probe)) this.#render(kept);
    }
  }

  wake(now: number): void {
    this.#renderedAt = now;
    this.renderAll();
    this.#tookMs = this.#now() - now;
  }

  /** Renders everything that is in use now, whenever it was rendered last. */
  renderAll(): void {
    this.#current = true;
    this.variants.clear();
    for (const kept of this.#kept.values()) this.#render(kept);
  }

  #render(kept: Kept): void {
    kept.get = this.#write(kept.asked);
    kept.head = withoutBody(kept.get);
  }
}
