import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { Express } from "express";

/** What came back: everything but what Node adds. */
export interface Answer {
  readonly status: number;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
}

/** An application on a free port of 127.0.0.1, gone at the end of the scope. */
export interface Served extends AsyncDisposable {
  readonly port: number;
  fetch(path: string, init?: RequestInit): Promise<Answer>;
}

const added = new Set(["date", "connection", "keep-alive"]);

/** Starts to listen. */
export async function served(app: Express): Promise<Served> {
  const server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    async fetch(path, init) {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, init);
      const headers = Object.fromEntries([...response.headers].filter(([name]) => !added.has(name)));
      return { status: response.status, headers, body: await response.text() };
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
