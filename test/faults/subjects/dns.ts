import { dns } from "@otel-health/checks/dns";
import { type NameServer, startNameServer } from "../../servers/name-server.ts";
import { type Dependency, type Subject, subject } from "../subject.ts";

const known = { "orders.test": { A: ["10.0.0.1"] } };

// The proxy speaks TCP, and this is UDP: the resolver asks the name server itself.
function connect({ port }: NameServer, hostname = "orders.test"): Dependency {
  return {
    check: (schedule) => dns(hostname, { ...schedule, type: "A", servers: [`127.0.0.1:${port}`] }),
    [Symbol.asyncDispose]: async () => {},
  };
}

const node: Subject<NameServer> = {
  name: "dns: node",
  programs: [],
  start: () => startNameServer(known),
  connect: async (_address, server) => connect(server),
  cells: {
    refused: {
      errorTypes: ["ECONNREFUSED"],
      inject: ({ server }) => server.stop(),
      heal: ({ server }) => server.start(),
    },
    hang: { errorTypes: ["ETIMEOUT", "timeout"] },
    slow: {
      errorTypes: ["ETIMEOUT", "timeout"],
      inject: async ({ server }) => server.set({ delayMs: 600 }),
      heal: async ({ server }) => server.set({ delayMs: 0 }),
    },
    reset: {
      errorTypes: ["EBADRESP", "ETIMEOUT", "timeout"],
      inject: async ({ server }) => server.set({ cut: true }),
      heal: async ({ server }) => server.set({ cut: false }),
    },
    "half-open": "UDP has no connections that one side could have forgotten",
    "wrong credentials": {
      errorTypes: ["EREFUSED"],
      fault: "persistent",
      inject: async ({ server }) => server.set({ code: "REFUSED" }),
      heal: async ({ server }) => server.set({ code: "NOERROR" }),
    },
    "wrong database": {
      errorTypes: ["ENOTFOUND"],
      connect: async (_address, server) => connect(server, "typo.test"),
      heal: async ({ server }) => server.set({ names: { ...known, "typo.test": { A: ["10.0.0.2"] } } }),
    },
    restart: { errorTypes: ["ECONNREFUSED"] },
    "read-only": "a resolver only reads",
    "pool exhausted": "there is no pool: a question is a packet",
    "DNS gone": {
      errorTypes: ["ENOTFOUND"],
      inject: async ({ server }) => server.set({ names: {} }),
      heal: async ({ server }) => server.set({ names: known }),
    },
    "TLS expired": "the DNS that Node speaks is not encrypted",
  },
};

export const subjects: readonly Subject[] = [subject(node)];
