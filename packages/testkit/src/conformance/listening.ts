import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { ConformanceServer, Setup } from "./adapter.ts";

/** Has a server listen on a free port; it is cut off and closed with what is returned. */
export async function listening(server: Server, host: Setup["host"]): Promise<ConformanceServer> {
  await once(server.listen(0, host), "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
