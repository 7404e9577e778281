import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { mysql } from "@otel-health/checks/mysql";
import { createPool } from "mariadb";
import { afterEach, expect, it } from "vitest";
import { Running } from "../running.ts";

/** Speaks as much of the protocol as a login takes; a question of the check's it never answers, and a KILL it refuses. */
class HangingServer {
  readonly said: string[] = [];
  readonly sockets: Socket[] = [];
  readonly #asked = Promise.withResolvers<void>();
  readonly #server = createServer((socket) => this.#greet(socket));

  async listen(): Promise<number> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  /** Until it was asked what it does not answer. */
  asked(): Promise<void> {
    return this.#asked.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  #greet(socket: Socket): void {
    this.sockets.push(socket.on("error", () => {}));
    socket.write(packet(0, handshake(this.sockets.length)));
    let isLoggedIn = false;
    socket.on("data", (data) => {
      if (isLoggedIn) return this.#answer(socket, data);
      isLoggedIn = true;
      socket.write(packet((data[3] ?? 0) + 1, ok));
    });
  }

  #answer(socket: Socket, data: Buffer): void {
    const statement = data.subarray(5).toString();
    this.said.push(statement);
    if (statement.includes("read_only")) this.#asked.resolve();
    else socket.write(packet(1, statement.startsWith("KILL") ? unknownThread : ok));
  }
}

const packet = (sequence: number, body: Buffer) =>
  Buffer.concat([Buffer.from([body.length & 255, body.length >> 8, 0, sequence]), body]);
const ok = Buffer.from([0, 0, 0, 2, 0, 0, 0]);
const unknownThread = Buffer.concat([Buffer.from([0xff, 0x46, 0x04]), Buffer.from("#HY000Unknown thread id: 1")]);

function handshake(thread: number): Buffer {
  return Buffer.concat([
    Buffer.from([10]),
    Buffer.from("5.5.5-10.11.0-MariaDB\0"),
    Buffer.from([thread, 0, 0, 0]),
    Buffer.from("12345678\0"),
    // Capabilities, character set, status, more capabilities, length of the salt.
    Buffer.from([0x85, 0xa6, 33, 2, 0, 8, 0, 21]),
    Buffer.alloc(10),
    Buffer.from("123456789012\0mysql_native_password\0"),
  ]);
}

const opened: AsyncDisposable[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each[Symbol.asyncDispose]();
});

it.each([
  ["with pipelining", true],
  ["without pipelining", false],
])("closes the connection of a run that gives up, and opens none to KILL its question: %s", async (_, pipelining) => {
  const server = new HangingServer();
  opened.push(server);
  const port = await server.listen();
  const pool = createPool({ host: "127.0.0.1", port, user: "a", connectionLimit: 1, minimumIdle: 0, pipelining });
  opened.push({ [Symbol.asyncDispose]: () => pool.end() });
  const run = new Running(mysql(pool));
  await server.asked();
  const [socket] = server.sockets;
  const closed = socket && once(socket, "close");
  run.abort();
  expect(await run.outcome).toMatchObject({ status: "fail", errorType: "timeout" });
  await closed;
  expect(pool.totalConnections()).toBe(0);
  expect(server.sockets).toHaveLength(1);
  expect(server.said.filter((statement) => statement.startsWith("KILL"))).toEqual([]);
});
