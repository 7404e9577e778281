import type { CheckSnapshot } from "../snapshot/check-snapshot.ts";
import type { HealthSnapshot } from "../snapshot/health-snapshot.ts";
import type { Asked } from "./asked.ts";
import { type Fragments, render } from "./render.ts";
import { errorResponse, type HealthResponse } from "./response.ts";
import { type Judge, type View, viewOf, viewOfCheck, viewWithout } from "./view.ts";

/** Writes the answer to what is asked, from the snapshot of now. */
export class Writing {
  readonly #snapshot: () => HealthSnapshot;
  readonly #judge: Judge;
  readonly #fragments = new Map<string, Fragments>();

  constructor(snapshot: () => HealthSnapshot, judge: Judge) {
    this.#snapshot = snapshot;
    this.#judge = judge;
  }

  write(asked: Asked): HealthResponse {
    const snapshot = this.#snapshot();
    const view = this.#view(snapshot, asked);
    if (view === undefined) return noSuchCheck;
    const key = `${asked.format} ${asked.detail}`;
    let fragments = this.#fragments.get(key);
    if (fragments === undefined) {
      fragments = new WeakMap<CheckSnapshot, string>();
      this.#fragments.set(key, fragments);
    }
    return render(snapshot, view, asked, fragments);
  }

  #view(snapshot: HealthSnapshot, { probe, check, exclude }: Asked): View | undefined {
    if (check !== undefined) return viewOfCheck(snapshot, probe, check);
    return exclude === undefined ? viewOf(snapshot, probe) : viewWithout(snapshot, probe, exclude, this.#judge);
  }
}

const noSuchCheck: HealthResponse = errorResponse(404, "the probe has no check of that name");
