import type { Clock, RunContext, Timer } from "@otel-health/core";
import { untilAborted } from "../dependency/until-aborted.ts";
import type { Connection, ConnectionState } from "./connection.ts";

/** Share of a run's time after which a client without a connection is given up, while there is time left to say why. */
const waitShare = 0.8;
/** Milliseconds between two looks at a client that connects. */
const lookEveryMs = 25;

/** Says that nobody connects any more. */
export function closedError(): Error {
  return Object.assign(new Error("the client is closed"), { code: "client_closed" });
}

/** A run whose signal fires early, with a reason, where the client has no connection by then. */
export class ConnectedRun implements RunContext {
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly #context: RunContext;
  readonly #connection: Pick<Connection, "state">;
  readonly #controller = new AbortController();
  readonly #timer: Timer;

  constructor(context: RunContext, connection: Pick<Connection, "state">, why: () => unknown) {
    this.#context = context;
    this.#connection = connection;
    this.clock = context.clock;
    this.timeoutMs = context.timeoutMs;
    this.signal = this.#controller.signal;
    const lost = () => {
      if (connection.state() === "disconnected") this.#controller.abort(why());
    };
    this.#timer = context.clock.setTimer(lost, waitShare * context.timeoutMs, false);
    if (context.signal.aborted) this.#abort();
    else context.signal.addEventListener("abort", this.#abort, { once: true });
  }

  /** Resolves when the client is in one of these states; rejects where nobody connects it any more. */
  async reaches(...states: readonly ConnectionState[]): Promise<void> {
    const { clock, signal } = this;
    for (;;) {
      signal.throwIfAborted();
      const state = this.#connection.state();
      if (states.includes(state)) return;
      if (state === "closed") throw closedError();
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = clock.setTimer(resolve, lookEveryMs, false);
      await untilAborted(signal, promise, () => clock.clearTimer(timer));
    }
  }

  /** To be called when it is over. */
  end(): void {
    this.#context.signal.removeEventListener("abort", this.#abort);
    this.clock.clearTimer(this.#timer);
  }

  readonly #abort = (): void => this.#controller.abort(this.#context.signal.reason);
}
