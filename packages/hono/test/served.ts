import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { Hono as Hono40 } from "hono40";

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

/** The newest that there is, and the oldest that the package is for. */
export const versions: readonly (readonly [name: string, App: typeof Hono])[] = [
  ["Hono 4.13", Hono],
  ["Hono 4.0", Hono40 as unknown as typeof Hono],
];

const added = new Set(["date", "connection", "keep-alive"]);

/** Starts to listen. */
export async function served({ fetch: answer }: Pick<Hono, "fetch">): Promise<Served> {
  const server = serve({ fetch: answer, port: 0, hostname: "127.0.0.1" });
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
      if ("closeAllConnections" in server) server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
