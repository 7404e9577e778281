import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, connect, type Socket } from "node:net";
import { join } from "node:path";
import { createServer, type Server } from "node:tls";

const read = (file: string) => readFileSync(join(import.meta.dirname, "certificates", file), "utf8");

/** The authority that signed both certificates, in PEM. */
export const authority: string = read("ca.pem");

/** A certificate with its key, in PEM, for `localhost` and `dependency.test`. */
export function certificate(kind: "valid" | "expired"): { readonly cert: string; readonly key: string } {
  return { cert: read(`${kind}.pem`), key: read("server-key.pem") };
}

/** TLS in front of a server that has none, with a certificate that can expire. */
export class TlsFront implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(target: number, ALPNProtocols: readonly string[]) {
    this.#server = createServer({ ...certificate("valid"), ALPNProtocols: [...ALPNProtocols] }, (client) => {
      const upstream = connect(target, "127.0.0.1");
      for (const [one, other] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        this.#sockets.add(one);
        one.on("error", () => other.destroy());
        one.on("close", () => {
          this.#sockets.delete(one);
          other.destroy();
        });
        one.pipe(other);
      }
    });
    // A client that does not like the certificate says so and leaves.
    this.#server.on("tlsClientError", () => {});
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async listen(): Promise<void> {
    await once(this.#server.listen(0, "127.0.0.1"), "listening");
  }

  /** For connections that are opened from now on. */
  present(kind: "valid" | "expired"): void {
    this.#server.setSecureContext(certificate(kind));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
