import { attend, complain } from "../telemetry/guard.ts";

/** Called when something may have changed. */
export type ChangeListener = () => void;

/** Who wants to hear of every change, whatever it is. */
export class Changes {
  readonly #listeners = new Set<ChangeListener>();

  listen(listener: ChangeListener): () => void {
    // Wrapped, so that a listener that is added twice is called twice and removed one by one.
    const added: ChangeListener = () => listener();
    this.#listeners.add(added);
    return () => void this.#listeners.delete(added);
  }

  readonly tell = (): void => {
    for (const listener of [...this.#listeners]) {
      if (!this.#listeners.has(listener)) continue;
      try {
        attend("a change listener rejected", listener());
      } catch (error) {
        complain("a change listener threw", error);
      }
    }
  };
}
