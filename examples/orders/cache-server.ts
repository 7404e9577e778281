import { once } from "node:events";
import { fstatSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";

// A stand-in for Redis: keys and values in memory over HTTP, on a port of 127.0.0.1, as a process of its own that can
// be killed. `node cache-server.ts --port 0`

for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => process.exit(0));
// A pipe on stdin ends with the process that started this one. A terminal or /dev/null says nothing.
const stdin = fstatSync(0);
if (stdin.isFIFO() || stdin.isSocket()) process.stdin.once("end", () => process.exit(0)).resume();

const values = new Map<string, string>([["/ping", '"pong"']]);
const server = createServer(async (request, response) => {
  const key = request.url ?? "/";
  if (request.method === "PUT") values.set(key, await text(request));
  const value = values.get(key);
  response.writeHead(value === undefined ? 404 : 200, { "content-type": "application/json" }).end(value);
});

const { port: asked } = parseArgs({ options: { port: { type: "string", default: "0" } } }).values;
await once(server.listen(Number(asked), "127.0.0.1"), "listening");
process.stdout.write(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
