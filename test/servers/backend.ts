import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { FakeClock } from "@otel-health/core/testing";
import { attachHealth, createHealth, gate, listenAgent, push } from "@otel-health/http";

/** One instance of a service behind a balancer, whose health is the test's to set. */
export interface Backend extends AsyncDisposable {
  readonly name: string;
  readonly port: number;
  readonly agentPort: number;
  readonly health: ReturnType<typeof makeHealth>;
  /** Requests that it was sent so far, probes not among them. */
  readonly served: () => number;
  /** Answers the requests for `/slow`. */
  readonly release: () => void;
}

function makeHealth() {
  // Push checks and gates are never held for changing often.
  return createHealth({
    clock: new FakeClock(),
    checks: { database: push(), cache: push({ critical: false }), maintenance: gate() },
  });
}

/** Starts one that is ready. It answers everything with its name. */
export async function startBackend(name: string): Promise<Backend> {
  const health = makeHealth();
  await health.start();
  health.checks.database.pass();
  health.checks.cache.pass();
  let served = 0;
  const slow: ServerResponse[] = [];
  const server = createServer((request, response) => {
    served++;
    if (request.url === "/slow") slow.push(response);
    else response.end(name);
  });
  attachHealth(server, health);
  await once(server.listen(0, "127.0.0.1"), "listening");
  // A degraded instance takes half.
  const weight = ({ verdict }: { readonly verdict: string }) => (verdict === "degraded" ? 50 : 100);
  const agent = await listenAgent(health, { host: "127.0.0.1", weight });
  return {
    name,
    port: (server.address() as AddressInfo).port,
    agentPort: agent.port,
    health,
    served: () => served,
    release: () => {
      for (const response of slow.splice(0)) response.end(name);
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await Promise.all([new Promise((resolve) => server.close(resolve)), agent.close(), health.stop()]);
    },
  };
}
