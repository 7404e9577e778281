import { once } from "node:events";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import type { Middleware } from "koa";
import Koa3 from "koa";

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

const require = createRequire(import.meta.url);
// Under this name it has no types.
const Koa2: typeof Koa3 = require("koa2");

/** The majors that the package is for. */
export const majors: readonly (readonly [name: string, Koa: typeof Koa3])[] = [
  ["Koa 3", Koa3],
  ["Koa 2", Koa2],
];

/** An application of this middleware. */
export function application(Koa: typeof Koa3, ...middleware: readonly Middleware[]): Koa3 {
  const app = new Koa();
  for (const each of middleware) app.use(each);
  return app;
}

const added = new Set(["date", "connection", "keep-alive"]);

/** Starts to listen. */
export async function served(app: Koa3): Promise<Served> {
  // Strict, so that a second write, or a body that Node would drop in silence, is an error.
  const server = createServer({ rejectNonStandardBodyWrites: true }, app.callback());
  await once(server.listen(0, "127.0.0.1"), "listening");
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
