import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** A response as it came over the wire: nothing decoded, merged or sorted. */
export interface RawResponse {
  readonly version: string;
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

/** A connection on which a test writes every byte itself. */
export class RawConnection implements Disposable {
  readonly #socket: Socket;
  /** Resolves when the server has let go of the connection, by FIN or by RST. */
  readonly closed: Promise<void>;
  #received = "";

  constructor(port: number, host: string = "127.0.0.1") {
    this.#socket = connect({ port, host }).setEncoding("latin1");
    this.#socket.on("data", (chunk: string) => {
      this.#received += chunk;
    });
    // A reset is one way to be let go of: "close" follows.
    this.#socket.on("error", () => {});
    this.closed = new Promise((resolve) => {
      this.#socket.once("close", () => resolve());
    });
  }

  async connected(): Promise<void> {
    if (this.#socket.connecting) await once(this.#socket, "connect");
  }

  /** Everything that came and was not read as a response. */
  get received(): string {
    return this.#received;
  }

  send(bytes: string): this {
    this.#socket.write(bytes, "latin1");
    return this;
  }

  /** Gives up at once, as a client does that was killed. */
  abort(): void {
    this.#socket.resetAndDestroy();
  }

  /** The next response. One to HEAD has a length and no body. Rejects if the connection ends first. */
  async response({ toHead = false }: { readonly toHead?: boolean } = {}): Promise<RawResponse> {
    for (;;) {
      const end = this.#received.indexOf("\r\n\r\n");
      if (end >= 0) {
        const [statusLine = "", ...lines] = this.#received.slice(0, end).split("\r\n");
        const headers = lines.map((line) => {
          const colon = line.indexOf(": ");
          return [line.slice(0, colon), line.slice(colon + 2)] as const;
        });
        const length = headers.find(([name]) => name.toLowerCase() === "content-length")?.[1] ?? "0";
        const from = end + 4;
        const to = from + (toHead ? 0 : Number(length));
        if (this.#received.length >= to) {
          const body = this.#received.slice(from, to);
          this.#received = this.#received.slice(to);
          const [, version = "", status] = /^HTTP\/(\S+) (\d+)/.exec(statusLine) ?? [];
          return { version, status: Number(status), headers, body };
        }
      }
      if (this.#socket.destroyed) throw new Error(`the connection ended after ${JSON.stringify(this.#received)}`);
      await Promise.race([once(this.#socket, "data"), this.closed]);
    }
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}
