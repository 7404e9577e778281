// Answers "PING" with what its settings say: `node ping-process.ts <port> <settings file>`.
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import type { PingSettings } from "./ping.ts";

const [port, file = ""] = process.argv.slice(2);
createServer((socket) => {
  socket.on("error", () => {});
  socket.on("data", (data) => {
    const { answer } = JSON.parse(readFileSync(file, "utf8")) as PingSettings;
    if (data.toString() === "PING\n") socket.end(answer);
  });
}).listen(Number(port), "127.0.0.1");
