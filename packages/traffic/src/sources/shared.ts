/** What is listened to while somebody wants to hear. */
interface Source {
  subscribe(): void;
  unsubscribe(): void;
}

/** Subscribes a source for the first of its users, and unsubscribes it with the last. */
export class Shared {
  readonly #source: Source;
  #users = 0;

  constructor(source: Source) {
    this.#source = source;
  }

  /** Returns what ends the use; it may be called again, to no effect. */
  use(): () => void {
    if (this.#users++ === 0) this.#source.subscribe();
    let used = true;
    return () => {
      if (!used) return;
      used = false;
      if (--this.#users === 0) this.#source.unsubscribe();
    };
  }
}
