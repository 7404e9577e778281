import { connect, type Socket } from "node:net";
import type { FaultMode } from "./fault-mode.ts";
import { Lane } from "./lane.ts";

/** Where a proxy forwards to. */
export interface Target {
  readonly host: string;
  readonly port: number;
}

/** A client's connection and the one opened to the target for it: they live and die together. */
export class ProxiedConnection {
  /** Resolves when both sockets are closed. */
  readonly closed: Promise<void>;
  readonly #client: Socket;
  readonly #upstream: Socket;
  readonly #toClient: Lane;
  readonly #toUpstream: Lane;
  #mode: FaultMode = "pass";
  /** The target has forgotten it: mode `half-open` has been on. */
  #forgotten = false;
  #lostBytes = false;

  /** `client` must allow half-open: each direction ends when its sender ended it. */
  constructor(client: Socket, target: Target) {
    this.#client = client.setNoDelay();
    this.#upstream = connect({ ...target, allowHalfOpen: true, noDelay: true });
    this.#toClient = new Lane(this.#client);
    this.#toUpstream = new Lane(this.#upstream);
    this.closed = Promise.all([closed(this.#client), closed(this.#upstream)]).then(() => {});

    this.#client.on("data", (chunk: Buffer) => this.#forward(this.#toUpstream, chunk));
    this.#upstream.on("data", (chunk: Buffer) =>
      this.#mode === "cut" ? this.#cut(chunk) : this.#forward(this.#toClient, chunk),
    );
    // A client that gives up on a hung connection is gone for good: what it waits for would never reach it.
    this.#client.on("end", () => (this.#isSilent ? this.reset() : this.#toUpstream.push(undefined)));
    this.#upstream.on("end", () => this.#toClient.push(undefined));
    // Also a target that refuses: the client has been accepted by then, and RST is the hardest "no" that is left.
    this.#client.on("error", () => this.reset());
    this.#upstream.on("error", () => this.reset());
  }

  /** Takes effect on the bytes that are held too. `slowMs` matters to mode `slow` alone. */
  setMode(mode: FaultMode, slowMs: number): void {
    this.#mode = mode;
    if (mode === "half-open") this.#forgotten = true;
    // What was not acknowledged is sent again, to a target that knows of no such connection.
    else if (this.#lostBytes) this.reset();
    const delayMs = mode === "hang" ? Infinity : mode === "slow" ? slowMs : 0;
    this.#toClient.setDelay(delayMs);
    this.#toUpstream.setDelay(delayMs);
  }

  /** Drops what is held and sends RST both ways. */
  reset(): void {
    this.#toClient.clear();
    this.#toUpstream.clear();
    abort(this.#client);
    abort(this.#upstream);
  }

  get #isSilent(): boolean {
    return this.#mode === "hang" || this.#mode === "half-open";
  }

  #forward(lane: Lane, chunk: Buffer): void {
    if (this.#mode === "half-open") this.#lostBytes = true;
    else if (this.#mode === "reset" || this.#forgotten) this.reset();
    else lane.push(chunk);
  }

  #cut(chunk: Buffer): void {
    this.#client.write(chunk.subarray(0, Math.ceil(chunk.length / 2)), () => this.reset());
  }
}

function abort(socket: Socket): void {
  // A reset would wait until a connection that is being opened is open; after an end that is on its way it fails, and
  // "close" would never come.
  if (socket.connecting || (socket.writableEnded && !socket.writableFinished)) socket.destroy();
  else socket.resetAndDestroy();
}

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once("close", () => resolve()));
}
