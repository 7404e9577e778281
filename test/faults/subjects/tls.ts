import { type TlsEndpoint, tls } from "@otel-health/checks/tls";
import { startTlsServer, type TlsServer } from "../../servers/tls.ts";
import { type Address, type Dependency, type Subject, subject } from "../subject.ts";
import { authority } from "../tls-front.ts";

const handshake = "it is a handshake, and nothing is said after it";

function connect({ host, port }: Address, more: Partial<TlsEndpoint> = {}): Dependency {
  return {
    check: (schedule) => tls({ host, port, servername: "localhost", ca: authority, ...more }, schedule),
    [Symbol.asyncDispose]: async () => {},
  };
}

const node: Subject<TlsServer> = {
  name: "tls: node",
  programs: [],
  start: startTlsServer,
  connect: async (address) => connect(address),
  cells: {
    refused: { errorTypes: ["ECONNREFUSED"] },
    hang: { errorTypes: ["timeout"] },
    slow: { errorTypes: ["timeout"] },
    reset: { errorTypes: ["ECONNRESET"] },
    "half-open": { errorTypes: ["timeout"] },
    "wrong credentials": "a certificate of the client's would be looked at after the handshake only: it shows none",
    "wrong database": {
      errorTypes: ["ERR_TLS_CERT_ALTNAME_INVALID"],
      fault: "persistent",
      connect: async (address) => connect(address, { servername: "elsewhere.test" }),
    },
    // The proxy takes the connection first, and resets it when it finds nobody behind it.
    restart: { errorTypes: ["ECONNREFUSED", "ECONNRESET"] },
    "read-only": handshake,
    "pool exhausted": "there is no pool: each run has a connection of its own",
    "DNS gone": { errorTypes: ["ENOTFOUND"] },
    "TLS expired": {
      errorTypes: ["CERT_HAS_EXPIRED"],
      fault: "persistent",
      inject: async ({ server }) => server.set({ certificate: "expired" }),
      heal: async ({ server }) => server.set({ certificate: "valid" }),
    },
  },
};

export const subjects: readonly Subject[] = [subject(node)];
