import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A server of the test's own on a free port of 127.0.0.1, gone at the end of the scope. */
export interface Served extends AsyncDisposable {
  readonly server: Server;
  readonly port: number;
}

/** Starts to listen; `prepare` has the server before it does. */
export async function served(listener?: RequestListener, prepare?: (server: Server) => void): Promise<Served> {
  // Strict, so that a body that Node would drop in silence, as in an answer to HEAD, is an error.
  const server = createServer({ rejectNonStandardBodyWrites: true }, listener);
  prepare?.(server);
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  return {
    server,
    port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
