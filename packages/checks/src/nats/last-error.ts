import type { NatsConnection } from "./clients.ts";

/**
 * Why a client is not connected: a question just says that it is not. It is told in the client's status, and in what its
 * end says.
 */
export class LastError {
  readonly #connection: NatsConnection;
  #error: Error | undefined;

  constructor(connection: NatsConnection) {
    this.#connection = connection;
    // Settles once, and is no listener.
    connection.closed().then(
      (error) => {
        if (error instanceof Error) this.#error = error;
      },
      () => {},
    );
  }

  /** Undefined where nothing was heard since the last connect. */
  get error(): Error | undefined {
    return this.#error;
  }

  /** Until what it returns is called. */
  listen(): () => void {
    const status = this.#connection.status();
    void this.#hear(status).catch(() => {});
    return () => {
      // Both drivers have it and neither declares it; leaving the loop would wait for another event.
      (status as { stop?: () => void }).stop?.();
    };
  }

  async #hear(status: AsyncIterable<{ readonly type: string }>): Promise<void> {
    for await (const { type, data, error } of status as AsyncIterable<Heard>) {
      if (type === "reconnect") this.#error = undefined;
      if (type !== "error") continue;
      // `nats` tells a code, and the name of what it is about.
      const isError = error instanceof Error;
      this.#error = isError ? error : Object.assign(new Error(`the server says ${String(data)}`), { code: data });
    }
  }
}

interface Heard {
  readonly type: string;
  readonly data?: unknown;
  readonly error?: unknown;
}
