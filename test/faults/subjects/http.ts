import { http } from "@otel-health/checks/http";
import { Agent, fetch as undiciFetch } from "undici";
import { startUpstream, type Upstream } from "../../servers/upstream.ts";
import { type Address, type Dependency, type Subject, subject } from "../subject.ts";

interface FetchDependency extends Dependency {
  /** Sends a request as the application would. */
  readonly request: (path: string) => Promise<unknown>;
}

const authorization = "Bearer right";

async function connect({ host, port, ca }: Address, options: Agent.Options = {}): Promise<FetchDependency> {
  const agent = new Agent({ connections: 4, ...(ca !== undefined && { connect: { ca } }), ...options });
  const origin = `${ca === undefined ? "http" : "https"}://${host}:${port}`;
  const send = (url: string, init: object = {}) => undiciFetch(url, { ...init, dispatcher: agent });
  return {
    check: (schedule) => http(`${origin}/`, { ...schedule, headers: { authorization }, fetch: send as typeof fetch }),
    request: (path) => send(`${origin}${path}`),
    [Symbol.asyncDispose]: () => agent.destroy(),
  };
}

const cut = ["ECONNRESET", "UND_ERR_SOCKET"];

const fetched: Subject<Upstream, FetchDependency> = {
  name: "http: fetch",
  programs: [],
  alpn: ["http/1.1"],
  start: startUpstream,
  connect: (address) => connect(address),
  cells: {
    refused: { errorTypes: ["ECONNREFUSED"] },
    hang: { errorTypes: ["timeout"] },
    slow: { errorTypes: ["timeout"] },
    reset: { errorTypes: cut },
    "half-open": { errorTypes: ["timeout"] },
    "wrong credentials": {
      errorTypes: ["401"],
      fault: "fatal",
      inject: ({ server }) => server.control({ token: "Bearer rotated" }),
      heal: ({ server }) => server.control({ token: authorization }),
    },
    "wrong database": {
      errorTypes: ["404"],
      fault: "persistent",
      inject: ({ server }) => server.control({ status: 404 }),
      heal: ({ server }) => server.control({ status: 200 }),
    },
    restart: { errorTypes: ["ECONNREFUSED", ...cut] },
    "read-only": "a service that answers says nothing of that",
    "pool exhausted": {
      errorTypes: ["timeout"],
      connect: (address) => connect(address, { connections: 1 }),
      inject: async ({ dependency }) => {
        dependency.request("/slow").catch(() => {});
      },
      // The request ends with its connection.
      heal: async ({ proxy }) => {
        await proxy.setMode("reset");
        await proxy.setMode("pass");
      },
    },
    "DNS gone": { errorTypes: ["ENOTFOUND"] },
    "TLS expired": { tls: true, errorTypes: ["CERT_HAS_EXPIRED"], fault: "persistent" },
  },
};

export const subjects: readonly Subject[] = [subject(fetched)];
