import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { dechunk } from "./dechunk.ts";

/** A response as it came over the wire: nothing decoded, merged or sorted, save that chunks are put together. */
export interface RawResponse {
  readonly version: string;
  readonly status: number;
  /** What stands behind the status. */
  readonly reason: string;
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
      const response = this.#read(toHead);
      if (response !== undefined) return response;
      if (this.#socket.destroyed) throw new Error(`the connection ended after ${JSON.stringify(this.#received)}`);
      await Promise.race([once(this.#socket, "data"), this.closed]);
    }
  }

  #read(toHead: boolean): RawResponse | undefined {
    const end = this.#received.indexOf("\r\n\r\n");
    if (end < 0) return undefined;
    const [statusLine = "", ...lines] = this.#received.slice(0, end).split("\r\n");
    const headers = lines.map((line) => {
      const colon = line.indexOf(": ");
      return [line.slice(0, colon), line.slice(colon + 2)] as const;
    });
    const [, version = "", status, reason = ""] = /^HTTP\/(\S+) (\d+) ?(.*)$/.exec(statusLine) ?? [];
    const read = this.#readBody(end + 4, headers, toHead || hasNoBody(Number(status)));
    if (read === undefined) return undefined;
    this.#received = this.#received.slice(read.to);
    return { version, status: Number(status), reason, headers, body: read.body };
  }

  #readBody(from: number, headers: RawResponse["headers"], none: boolean) {
    if (none) return { body: "", to: from };
    const value = (wanted: string) => headers.find(([name]) => name.toLowerCase() === wanted)?.[1];
    if (value("transfer-encoding") === "chunked") {
      const chunked = dechunk(this.#received.slice(from));
      return chunked && { body: chunked.body, to: from + chunked.length };
    }
    const to = from + Number(value("content-length") ?? "0");
    return this.#received.length < to ? undefined : { body: this.#received.slice(from, to), to };
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}

function hasNoBody(status: number): boolean {
  return status < 200 || status === 204 || status === 304;
}
