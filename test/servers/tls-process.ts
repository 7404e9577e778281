// Speaks TLS with the certificate that its settings name: `node tls-process.ts <port> <settings file>`.
import { readFileSync } from "node:fs";
import { createSecureContext, createServer } from "node:tls";
import { certificate } from "../faults/tls-front.ts";
import type { TlsSettings } from "./tls.ts";

const [port, file = ""] = process.argv.slice(2);
const presented = () => certificate((JSON.parse(readFileSync(file, "utf8")) as TlsSettings).certificate);
const server = createServer(
  { ALPNProtocols: ["h2"], SNICallback: (_name, done) => done(null, createSecureContext(presented())) },
  (socket) => socket.on("error", () => {}).resume(),
);
server.on("tlsClientError", () => {});
server.listen(Number(port), "127.0.0.1");
