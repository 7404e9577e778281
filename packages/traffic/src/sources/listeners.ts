import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { contained } from "../contained.ts";

/** Listeners of Node's diagnostics channels. What one throws would end the process, so none does. */
export class Listeners {
  readonly #listeners: readonly (readonly [channel: string, listener: (message: unknown) => void])[];

  constructor(listeners: readonly (readonly [channel: string, listener: (message: never) => void])[]) {
    this.#listeners = listeners.map(([channel, listener]) => [
      channel,
      contained(`what listens to ${channel}`, listener as (message: unknown) => void, () => {}),
    ]);
  }

  /** Returns what ends it. */
  subscribe(): () => void {
    for (const [channel, listener] of this.#listeners) subscribe(channel, listener);
    return () => {
      for (const [channel, listener] of this.#listeners) unsubscribe(channel, listener);
    };
  }
}
