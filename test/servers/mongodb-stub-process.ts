import { createServer, type Socket } from "node:net";
import { BSON } from "mongodb";

// Not MongoDB: just enough of its wire protocol for the real driver to connect, log in by PLAIN and say hello. It answers
// `node mongodb-stub-process.ts <port>`; the command `control` changes what it says: `role` and `password`.

const [port] = process.argv.slice(2);
const state = { role: "primary", password: "right" };
const roles: { readonly [role: string]: object } = {
  standalone: { isWritablePrimary: true },
  primary: { isWritablePrimary: true, secondary: false, setName: "stub", hosts: [`127.0.0.1:${port}`] },
  secondary: { isWritablePrimary: false, secondary: true, setName: "stub", hosts: [`127.0.0.1:${port}`] },
  recovering: { isWritablePrimary: false, secondary: false, setName: "stub", hosts: [`127.0.0.1:${port}`] },
  arbiter: {
    isWritablePrimary: false,
    secondary: false,
    arbiterOnly: true,
    setName: "stub",
    hosts: [`127.0.0.1:${port}`],
  },
  new: { isWritablePrimary: false, secondary: false, isreplicaset: true },
};
const sockets = new Set<Socket>();

function answer(command: BSON.Document): BSON.Document {
  const [name = ""] = Object.keys(command);
  switch (name.toLowerCase()) {
    case "hello":
    case "ismaster": {
      const limits = { maxBsonObjectSize: 16_777_216, maxMessageSizeBytes: 48_000_000, maxWriteBatchSize: 100_000 };
      const versions = { minWireVersion: 0, maxWireVersion: 21, logicalSessionTimeoutMinutes: 30 };
      return { ...roles[state.role], helloOk: true, ...limits, ...versions, localTime: new Date(), ok: 1 };
    }
    case "saslstart": {
      const [, , password] = Buffer.from(command["payload"].buffer).toString().split("\0");
      if (password === state.password) return { conversationId: 1, done: true, payload: Buffer.alloc(0), ok: 1 };
      return { ok: 0, errmsg: "Authentication failed.", code: 18, codeName: "AuthenticationFailed" };
    }
    case "control":
      Object.assign(state, command["control"]);
      if (command["cut"] === true) for (const socket of sockets) socket.destroy();
      return { ok: 1 };
    case "ping":
    case "endsessions":
      return { ok: 1 };
    default:
      return { ok: 0, errmsg: `no such command: ${name}`, code: 59, codeName: "CommandNotFound" };
  }
}

const opReply = 1;
const opQuery = 2004;
const opMessage = 2013;

/** Both forms of the protocol: what the driver says first is said in the old one. */
function reply(message: Buffer): Buffer {
  const [id, opcode] = [message.readInt32LE(4), message.readInt32LE(12)];
  const isOld = opcode === opQuery;
  const start = isOld ? message.indexOf(0, 20) + 9 : 21;
  const document = BSON.serialize(
    answer(BSON.deserialize(message.subarray(start, start + message.readInt32LE(start)))),
  );
  // Flags, cursor (8 bytes), start and count; or flags and the kind of section.
  const body = isOld ? Buffer.alloc(20) : Buffer.alloc(5);
  if (isOld) body.writeInt32LE(1, 16);
  const header = Buffer.alloc(16);
  header.writeInt32LE(16 + body.length + document.length, 0);
  header.writeInt32LE(id, 8);
  header.writeInt32LE(isOld ? opReply : opMessage, 12);
  return Buffer.concat([header, body, document]);
}

createServer((socket) => {
  sockets.add(socket);
  let pending = Buffer.alloc(0);
  socket.on("close", () => sockets.delete(socket)).on("error", () => {});
  socket.on("data", (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 4 && pending.length >= pending.readInt32LE(0)) {
      const length = pending.readInt32LE(0);
      const message = pending.subarray(0, length);
      // This one is answered never.
      if (!message.includes("\x10hold\0")) socket.write(reply(message));
      pending = pending.subarray(length);
    }
  });
}).listen(Number(port), "127.0.0.1");
// It ends with the process that started it.
process.stdin.once("end", () => process.exit(0)).resume();
