import type { Socket } from "node:net";

/**
 * What is open on each connection of HTTP/1. An answer that waits behind another one is not told by Node 22 that the
 * connection has broken; the connection itself is.
 */
export class Connections {
  readonly #open = new WeakMap<Socket, Set<() => void>>();

  /** Calls `end` when the connection closes; returns what calls it now instead. It is called once. */
  add(connection: Socket, end: () => void): () => void {
    const open = this.#open.get(connection) ?? this.#watch(connection);
    open.add(end);
    return () => {
      if (open.delete(end)) end();
    };
  }

  /** One listener for all that is open. */
  #watch(connection: Socket): Set<() => void> {
    const open = new Set<() => void>();
    this.#open.set(connection, open);
    connection.once("close", () => {
      for (const end of open) end();
      open.clear();
    });
    return open;
  }
}
