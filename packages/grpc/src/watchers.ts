import type { ServerWritableStream } from "@grpc/grpc-js";
import { type ServingStatus, statusBytes } from "./messages.ts";
import type { Service } from "./service.ts";

/** A call of `Watch`. */
export type WatchCall = ServerWritableStream<unknown, Buffer>;

/** Everybody who watches. Each has at most one message under way: whoever reads slowly is sent the newest, and no more. */
export class Watchers {
  readonly #watchers = new Set<Watcher>();

  get size(): number {
    return this.#watchers.size;
  }

  /** Sends the status of now, and then each change. A service that is not known stays so. */
  add(call: WatchCall, service: Service | undefined): void {
    const watcher = new Watcher(call, service);
    this.#watchers.add(watcher);
    const forget = () => this.#watchers.delete(watcher);
    // A client that is gone says so in one of these ways.
    for (const event of ["cancelled", "close", "finish", "error"]) call.on(event, forget);
    watcher.send();
  }

  send(): void {
    for (const watcher of this.#watchers) watcher.send();
  }

  /** Ends every call, so that the clients ask elsewhere. */
  end(): void {
    for (const { call } of this.#watchers) call.end();
    this.#watchers.clear();
  }
}

class Watcher {
  readonly call: WatchCall;
  readonly #service: Service | undefined;
  #sent: ServingStatus | undefined;
  #writing = false;

  constructor(call: WatchCall, service: Service | undefined) {
    this.call = call;
    this.#service = service;
  }

  send(): void {
    const status = this.#service?.status ?? "SERVICE_UNKNOWN";
    if (this.#writing || status === this.#sent) return;
    this.#sent = status;
    this.#writing = true;
    this.call.write(statusBytes[status], () => {
      this.#writing = false;
      // What has changed meanwhile.
      this.send();
    });
  }
}
