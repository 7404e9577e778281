import { guarded } from "../telemetry/guard.ts";

/** Tells listeners and telemetry in the order in which things happened: what a listener causes is told after what it was told of. */
export class Telling {
  #queue: (() => void)[] = [];

  add(...tells: (() => void)[]): void {
    const isTelling = this.#queue.length > 0;
    this.#queue.push(...tells);
    if (isTelling) return;
    for (let i = 0; i < this.#queue.length; i++) guarded("telling of a transition", () => this.#queue[i]?.());
    this.#queue = [];
  }
}
