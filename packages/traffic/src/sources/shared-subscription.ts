/** Subscribes to something; returns what ends it. */
export type Subscribe = () => () => void;

/** Subscribes for the first of its users, and ends that with the last: a check may be registered more than once. */
export class SharedSubscription {
  readonly #subscribe: Subscribe;
  #users = 0;
  #end: (() => void) | undefined;

  constructor(subscribe: Subscribe) {
    this.#subscribe = subscribe;
  }

  /** Returns what ends the use; calling it again has no effect. */
  use(): () => void {
    if (this.#users++ === 0) this.#end = this.#subscribe();
    let used = true;
    return () => {
      if (!used) return;
      used = false;
      if (--this.#users === 0) this.#end?.();
    };
  }
}
