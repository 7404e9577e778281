import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A TCP server that sends back what it gets, and remembers it. */
export async function startEchoServer() {
  const sockets = new Set<Socket>();
  let received = "";
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket)).on("error", () => {});
    socket.on("data", (chunk) => {
      received += chunk;
      socket.write(chunk);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    target: { host: "127.0.0.1", port: (server.address() as AddressInfo).port },
    get connections() {
      return sockets.size;
    },
    get received() {
      return received;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A client whose answers can be awaited. */
export function openClient(port: number) {
  const socket = connect({ host: "127.0.0.1", port, noDelay: true });
  let received = "";
  socket.on("data", (chunk) => {
    received += chunk;
    socket.emit("progress");
  });
  // The error before the close, if there was one.
  let error: NodeJS.ErrnoException | undefined;
  socket.on("error", (reason) => {
    error = reason;
  });
  const closed = new Promise<string | undefined>((resolve) => socket.once("close", () => resolve(error?.code)));
  return {
    socket,
    /** Resolves to the error's code, undefined after an orderly end. */
    closed,
    get received() {
      return received;
    },
    async connected() {
      if (socket.connecting) await once(socket, "connect");
    },
    /** Resolves when `length` characters in all have come. */
    async receives(length: number) {
      while (received.length < length) await once(socket, "progress");
      return received;
    },
    [Symbol.dispose]() {
      socket.destroy();
    },
  };
}
