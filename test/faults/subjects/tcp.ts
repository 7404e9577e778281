import { tcp } from "@otel-health/checks/tcp";
import { type PingServer, startPingServer } from "../../servers/ping.ts";
import { type Subject, subject } from "../subject.ts";

const asks = "a round trip of bytes that its user chooses";

const node: Subject<PingServer> = {
  name: "tcp: node",
  programs: [],
  start: startPingServer,
  connect: async ({ host, port }) => ({
    check: (schedule) => tcp({ host, port }, { ...schedule, send: "PING\n", expect: "+PONG" }),
    [Symbol.asyncDispose]: async () => {},
  }),
  cells: {
    refused: { errorTypes: ["ECONNREFUSED"] },
    hang: { errorTypes: ["timeout"] },
    slow: { errorTypes: ["timeout"] },
    reset: { errorTypes: ["ECONNRESET", "closed"] },
    "half-open": { errorTypes: ["timeout"] },
    "wrong credentials": `it has none to show: it is ${asks}`,
    "wrong database": {
      errorTypes: ["unexpected_answer"],
      fault: "persistent",
      inject: async ({ server }) => server.set({ answer: "SSH-2.0-OpenSSH_9.2\r\n" }),
      heal: async ({ server }) => server.set({ answer: "+PONG\r\n" }),
    },
    // The proxy takes the connection first, and resets it when it finds nobody behind it.
    restart: { errorTypes: ["ECONNREFUSED", "ECONNRESET", "closed"] },
    "read-only": `it knows nothing of writes: it is ${asks}`,
    "pool exhausted": "there is no pool: each run has a connection of its own",
    "DNS gone": { errorTypes: ["ENOTFOUND"] },
    "TLS expired": "it speaks no TLS: that is what tls() is for",
  },
};

export const subjects: readonly Subject[] = [subject(node)];
