import { errorMonitor } from "node:events";
import type { MqttClient } from "./clients.ts";

/** Why a client has no connection: that is told in events only. */
export class LastError {
  readonly #client: MqttClient;
  #error: Error | undefined;

  constructor(client: MqttClient) {
    this.#client = client;
  }

  /** Undefined where nothing was heard since the last connect. */
  get error(): Error | undefined {
    return this.#error;
  }

  /** Until what it returns is called. Its place beside the application's listeners does not count as handling an error. */
  listen(): () => void {
    const client = this.#client;
    const listeners: readonly (readonly [event: string | symbol, listener: Parameters<MqttClient["on"]>[1]])[] = [
      [errorMonitor, this.#hear],
      ["disconnect", this.#sentAway],
      ["connect", this.#forget],
    ];
    for (const [event, listener] of listeners) client.on(event, listener);
    return () => {
      for (const [event, listener] of listeners) client.removeListener(event, listener);
    };
  }

  readonly #hear = (error: Error): void => {
    this.#error = error;
  };

  /** A broker of MQTT 5 says why it ends a connection. */
  readonly #sentAway = (packet: { readonly reasonCode?: number } | undefined): void => {
    const code = packet?.reasonCode ?? 0;
    this.#error = Object.assign(new Error(`the broker has ended the connection, reason code ${code}`), { code });
  };

  readonly #forget = (): void => {
    this.#error = undefined;
  };
}
