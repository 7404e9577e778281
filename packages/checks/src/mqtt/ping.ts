import type { RunContext } from "@otel-health/core";
import { untilAborted } from "../dependency/until-aborted.ts";
import type { MqttClient } from "./clients.ts";

/** Questions without an answer, beyond which no more are sent. */
const most = 3;

/**
 * Asks a broker whether it is there, and hears its answer. A question cannot be taken back; as long as one is out its answer
 * is listened for, also between runs, so that it is known which question it is to: a broker answers in their order.
 */
export class Ping {
  readonly #client: MqttClient;
  /** When each that is out was asked. */
  #unanswered: number[] = [];
  readonly #waiting = new Set<PromiseWithResolvers<number>>();

  constructor(client: MqttClient) {
    this.#client = client;
  }

  /**
   * Resolves when the broker answers, whichever question, if that is not longer ago than a run may take: a broker that is
   * too slow must not pass by answering the run before. Rejects with {@link Lost} when the connection is closed.
   */
  async send({ signal, clock, timeoutMs }: RunContext): Promise<void> {
    for (;;) {
      const askedAt = await this.#next(signal, clock.now());
      if (!(clock.now() - askedAt > timeoutMs)) return;
    }
  }

  /** Listens no longer. */
  stop(): void {
    this.#unanswered = [];
    this.#client.removeListener("packetreceive", this.#hear);
    this.#client.removeListener("close", this.#closed);
  }

  /** Asks, unless too many are out, and waits for the next answer; resolves to when its question was asked. */
  async #next(signal: AbortSignal, now: number): Promise<number> {
    const waiter = Promise.withResolvers<number>();
    this.#waiting.add(waiter);
    try {
      if (this.#unanswered.length < most) this.#ask(now);
      return await untilAborted(signal, waiter.promise);
    } finally {
      this.#waiting.delete(waiter);
    }
  }

  #ask(now: number): void {
    if (this.#unanswered.length === 0) {
      this.#client.on("packetreceive", this.#hear);
      this.#client.on("close", this.#closed);
    }
    this.#unanswered.push(now);
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
    const askedAt = this.#unanswered.shift() as number;
    if (this.#unanswered.length === 0) this.stop();
    for (const { resolve } of this.#waiting) resolve(askedAt);
  };

  readonly #closed = (): void => {
    this.stop();
    for (const { reject } of this.#waiting) reject(new Lost());
  };
}

/** The connection was closed while an answer was waited for. */
export class Lost extends Error {}
