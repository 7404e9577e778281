import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Socket } from "node:net";

const accepted = "net.server.socket";

/** Counts the connections that servers of this process have accepted and not closed, from its making on. */
export class OpenSockets implements Disposable {
  readonly #open = new Set<Socket>();
  readonly #onSocket = (message: unknown) => {
    const { socket } = message as { socket: Socket };
    this.#open.add(socket);
    // Frameworks add listeners to it for each request of theirs that is pipelined.
    socket.setMaxListeners(0);
    socket.once("close", () => this.#open.delete(socket));
  };

  constructor() {
    subscribe(accepted, this.#onSocket);
  }

  get count(): number {
    return this.#open.size;
  }

  [Symbol.dispose](): void {
    unsubscribe(accepted, this.#onSocket);
  }
}
