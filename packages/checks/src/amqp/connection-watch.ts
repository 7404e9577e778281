import type { AmqpConnection } from "./clients.ts";

/**
 * Listens to the connection in use for as long as the check is registered: only an event tells that a broker has blocked
 * it, and one that amqplib is about to open again keeps whoever asks waiting without saying why it was lost.
 */
export class ConnectionWatch {
  /** Why the broker takes nothing from this connection. */
  blocked: string | undefined;
  /** Why there is no connection at the moment. */
  down: unknown;
  readonly #runNow: () => void;
  #client: AmqpConnection | undefined;

  constructor(runNow: () => void) {
    this.#runNow = runNow;
  }

  /** From now on it listens to this one. */
  follow(client: AmqpConnection | undefined): void {
    if (client === this.#client) return;
    for (const [event, hear] of this.#events) this.#client?.removeListener(event, hear);
    this.#client = client;
    this.blocked = undefined;
    this.down = undefined;
    for (const [event, hear] of this.#events) client?.on(event, hear);
  }

  /** Never to "error": that somebody listens to it would keep a process alive that the application lets die. */
  readonly #events: readonly (readonly [event: string, hear: (said: unknown) => void])[] = [
    ["blocked", (reason) => this.#change(typeof reason === "string" ? reason : "no reason given", this.down)],
    ["unblocked", () => this.#change(undefined, this.down)],
    ["close", () => this.#runNow()],
    // Those of a connection with `recovery`.
    ["disconnect", (error) => this.#change(undefined, error)],
    ["connect-failed", (error) => this.#fail(error)],
    ["connect", () => this.#change(undefined, undefined)],
  ];

  #change(blocked: string | undefined, down: unknown): void {
    this.blocked = blocked;
    this.down = down;
    this.#runNow();
  }

  /** One more attempt that failed is no news, and what runs the check next is its schedule. */
  #fail(error: unknown): void {
    this.down = error;
  }
}
