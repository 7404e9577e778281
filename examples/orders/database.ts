import { once } from "node:events";
import { fstatSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { parseArgs } from "node:util";
import { PGlite, protocol } from "@electric-sql/pglite";
import { PGLiteSocketHandler, type PGLiteSocketHandlerOptions } from "@electric-sql/pglite-socket";

// The example's PostgreSQL: PGlite, in memory, on a port of 127.0.0.1, as a process of its own that can be killed.
// `node database.ts --port 0`

interface Message {
  readonly handlerId: number;
  readonly bytes: Uint8Array;
  readonly answer: (bytes: Uint8Array) => void;
  readonly fail: (error: Error) => void;
}

/** The messages that leave an exchange open: parse, bind, describe, execute, close, flush. Sync ends it. */
const opening = new Set(Array.from("PBDECH", (type) => type.charCodeAt(0)));

/**
 * Lets the connections share PGlite's one session. Each has it for a whole exchange, and for a whole transaction: the
 * queue that pglite-socket comes with takes turns by single messages, so that one client's Bind hits another's Parse as
 * soon as two wait, and a connection that breaks in the middle leaves its half behind for the next one.
 */
class Turns {
  readonly #db: PGlite;
  /** The connection whose turn it is; undefined between turns. */
  #turn: number | undefined;
  #waiting: Message[] = [];

  constructor(db: PGlite) {
    this.#db = db;
  }

  enqueue(handlerId: number, bytes: Uint8Array, onData: (bytes: Uint8Array) => void): Promise<number> {
    return new Promise((resolve, reject) => {
      const answer = (data: Uint8Array) => {
        onData(data);
        resolve(data.length);
      };
      this.#waiting.push({ handlerId, bytes, answer, fail: reject });
      this.#work();
    });
  }

  clearQueueForHandler(handlerId: number): void {
    const gone = this.#waiting.filter((message) => message.handlerId === handlerId);
    this.#waiting = this.#waiting.filter((message) => message.handlerId !== handlerId);
    for (const message of gone) message.fail(new Error("The client is gone."));
  }

  /** What a real server does when a connection breaks: it ends the exchange and rolls back. */
  async clearTransactionIfNeeded(handlerId: number): Promise<void> {
    if (this.#turn !== handlerId) return;
    this.#db.execProtocolRawSync(protocol.serialize.sync());
    if (this.#db.isInTransaction()) this.#db.execProtocolRawSync(protocol.serialize.query("ROLLBACK"));
    this.#turn = undefined;
    this.#work();
  }

  #work(): void {
    for (let message = this.#take(); message !== undefined; message = this.#take()) {
      this.#turn = message.handlerId;
      // Synchronous: a client that disappears does so before its message or after it, never during it.
      message.answer(this.#db.execProtocolRawSync(message.bytes));
      const isOpen = opening.has(message.bytes[0] ?? 0) || this.#db.isInTransaction();
      if (!isOpen) this.#turn = undefined;
    }
  }

  #take(): Message | undefined {
    const index = this.#turn === undefined ? 0 : this.#waiting.findIndex(({ handlerId }) => handlerId === this.#turn);
    return index === -1 ? undefined : this.#waiting.splice(index, 1)[0];
  }
}

for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => process.exit(0));
// A pipe on stdin ends with the process that started this one, however that died. A terminal or /dev/null says nothing.
const stdin = fstatSync(0);
if (stdin.isFIFO() || stdin.isSocket()) process.stdin.once("end", () => process.exit(0)).resume();

const { values } = parseArgs({ options: { port: { type: "string", default: "0" } } });
const db = await PGlite.create();
// The class that the type names is not exported.
const queryQueue = new Turns(db) as unknown as PGLiteSocketHandlerOptions["queryQueue"];
const server = createServer(
  (socket) => void new PGLiteSocketHandler({ queryQueue, closeOnDetach: true }).attach(socket),
);
server.listen(Number(values.port), "127.0.0.1");
await once(server, "listening");
const { port } = server.address() as AddressInfo;
process.stdout.write(`listening on postgres://postgres@127.0.0.1:${port}/postgres\n`);
