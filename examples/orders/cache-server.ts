import { once } from "node:events";
import { fstatSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { parseArgs } from "node:util";

// A stand-in for Redis: keys and values in memory, in Redis' own protocol as far as the example speaks it, on a port of
// 127.0.0.1, as a process of its own that can be killed. `node cache-server.ts --port 0`

for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => process.exit(0));
// A pipe on stdin ends with the process that started this one. A terminal or /dev/null says nothing.
const stdin = fstatSync(0);
if (stdin.isFIFO() || stdin.isSocket()) process.stdin.once("end", () => process.exit(0)).resume();

const values = new Map<string, string>();
const bulk = (text: string | undefined) =>
  text === undefined ? "$-1\r\n" : `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
const commands: { readonly [name: string]: (...args: string[]) => string } = {
  PING: () => "+PONG\r\n",
  INFO: () => bulk("redis_version:7.0.0\r\nloading:0\r\nrole:master\r\nmaxmemory:0\r\n"),
  GET: (key = "") => bulk(values.get(key)),
  SET: (key = "", value = "") => {
    values.set(key, value);
    return "+OK\r\n";
  },
};

const server = createServer((socket) => {
  let received = Buffer.alloc(0);
  socket.on("error", () => {});
  socket.on("data", (chunk) => {
    received = Buffer.concat([received, chunk]);
    received = received.subarray(serve(received, socket));
  });
});

/** Answers every command that has arrived whole; returns how many bytes those were. */
function serve(bytes: Buffer, socket: Socket): number {
  let at = 0;
  let answered = 0;
  /** The number behind `*` or `$` on the line that begins here; undefined where the line has not arrived. */
  const number = (): number | undefined => {
    const end = bytes.indexOf("\r\n", at);
    if (end < 0) return undefined;
    const value = Number(bytes.toString("latin1", at + 1, end));
    at = end + 2;
    return value;
  };
  for (;;) {
    const words: string[] = [];
    const count = number();
    for (let i = 0; i < (count ?? 0); i++) {
      const length = number();
      if (length === undefined || at + length + 2 > bytes.length) return answered;
      words.push(bytes.toString("utf8", at, at + length));
      at += length + 2;
    }
    if (count === undefined) return answered;
    const [name = "", ...args] = words;
    const command = commands[name.toUpperCase()];
    socket.write(command?.(...args) ?? `-ERR unknown command '${name}'\r\n`);
    answered = at;
  }
}

const { port: asked } = parseArgs({ options: { port: { type: "string", default: "0" } } }).values;
await once(server.listen(Number(asked), "127.0.0.1"), "listening");
process.stdout.write(`listening on redis://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
