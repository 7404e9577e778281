import type { Agenda, AgendaEntry } from "../schedule/agenda.ts";
import type { CheckSnapshot } from "../snapshot/check-snapshot.ts";
import type { HealthSnapshot } from "../snapshot/health-snapshot.ts";
import type { ProbeName } from "../verdict/probe.ts";
import { type Fragments, type HealthResponse, renderReport, withoutBody } from "./render.ts";
import type { Detail } from "./report.ts";

/** Changes that leave the verdict as it is are rendered at most this often, in milliseconds. */
const renderEveryMs = 100;

/** With thousands of checks they are rendered seldom enough to take at most a fiftieth of the time, but every second. */
const shareOfTime = 1 / 50;
const renderAtLeastEveryMs = 1_000;

/** One probe at one detail, rendered when it is first asked for and kept current from then on. */
export interface Rendering {
  readonly probe: ProbeName;
  readonly detail: Detail;
  readonly get: HealthResponse;
  readonly head: HealthResponse;
}

/** Keeps the rendered answers current, so that a probe only picks one up. */
export class Renderings implements AgendaEntry {
  position = -1;
  wakeAt: number = Number.POSITIVE_INFINITY;
  readonly #agenda: Agenda;
  readonly #now: () => number;
  readonly #snapshot: () => HealthSnapshot;
  readonly #used = new Map<string, { -readonly [K in keyof Rendering]: Rendering[K] }>();
  readonly #fragments: { [D in Detail]: Fragments } = {
    status: new WeakMap<CheckSnapshot, string>(),
    summary: new WeakMap<CheckSnapshot, string>(),
    full: new WeakMap<CheckSnapshot, string>(),
  };
  #renderedAt = Number.NEGATIVE_INFINITY;
  #tookMs = 0;
  #current = true;

  constructor(agenda: Agenda, now: () => number, snapshot: () => HealthSnapshot) {
    this.#agenda = agenda;
    this.#now = now;
    this.#snapshot = snapshot;
  }

  /** The rendering of a probe at a detail; the first call for it renders it. */
  of(probe: ProbeName, detail: Detail): Rendering {
    const key = `${probe} ${detail}`;
    let rendering = this.#used.get(key);
    if (rendering === undefined) {
      const get = renderReport(this.#snapshot(), probe, detail, this.#fragments[detail]);
      rendering = { probe, detail, get, head: withoutBody(get) };
      this.#used.set(key, rendering);
    }
    return rendering;
  }

  /** Something changed; `at` is timeline milliseconds. */
  changed(at: number): void {
    if (!this.#current || this.#used.size === 0) return;
    this.#current = false;
    const restMs = Math.min(Math.max(renderEveryMs, this.#tookMs / shareOfTime), renderAtLeastEveryMs);
    this.#agenda.set(this, Math.max(at, this.#renderedAt + restMs));
  }

  /** The verdict of these probes changed: their answers must say so before anyone asks again. */
  verdictChanged(changes: readonly { readonly probe: ProbeName }[]): void {
    if (changes.length === 0) return;
    for (const rendering of this.#used.values()) {
      if (changes.some(({ probe }) => probe === rendering.probe)) this.#render(rendering);
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
    for (const rendering of this.#used.values()) this.#render(rendering);
  }

  #render(rendering: { -readonly [K in keyof Rendering]: Rendering[K] }): void {
    const { probe, detail } = rendering;
    rendering.get = renderReport(this.#snapshot(), probe, detail, this.#fragments[detail]);
    rendering.head = withoutBody(rendering.get);
  }
}
