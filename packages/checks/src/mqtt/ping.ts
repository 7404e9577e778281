import { untilAborted } from "../dependency/until-aborted.ts";
import type { MqttClient } from "./clients.ts";

/** Questions without an answer, beyond which no more are sent. */
const most = 3;

/**
 * Asks a broker whether it is there, and hears its answer. A question cannot be taken back; as long as one is out its answer
 * is listened for, also between runs, so that it is known how many are out.
 */
export class Ping {
  readonly #client: MqttClient;
  #unanswered = 0;
  readonly #waiting = new Set<PromiseWithResolvers<void>>();

  constructor(client: MqttClient) {
    this.#client = client;
  }

  /** Resolves when the broker answers, whichever question; rejects with {@link Lost} when the connection is closed. */
  async send(signal: AbortSignal): Promise<void> {
    const waiter = Promise.withResolvers<void>();
    this.#waiting.add(waiter);
    try {
      if (this.#unanswered < most) this.#ask();
      await untilAborted(signal, waiter.promise);
    } finally {
      this.#waiting.delete(waiter);
    }
  }

  /** Listens no longer. */
  stop(): void {
    this.#unanswered = 0;
    this.#client.removeListener("packetreceive", this.#hear);
    this.#client.removeListener("close", this.#closed);
  }

  #ask(): void {
    if (this.#unanswered === 0) {
      this.#client.on("packetreceive", this.#hear);
      this.#client.on("close", this.#closed);
    }
    this.#unanswered++;
    try {
      this.#client.sendPing();
    } catch (error) {
      this.stop();
      throw error;
    }
  }

  readonly #hear = ({ cmd }: { readonly cmd?: string }): void => {
    if (cmd !== "pingresp") return;
    // The client asks too, to keep the connection alive: one too few is better than one that is never heard.
    this.#unanswered--;
    if (this.#unanswered === 0) this.stop();
    for (const { resolve } of this.#waiting) resolve();
  };

  readonly #closed = (): void => {
    this.stop();
    for (const { reject } of this.#waiting) reject(new Lost());
  };
}

/** The connection was closed while an answer was waited for. */
export class Lost extends Error {}
