import { createServer, type RequestListener, type Server } from "node:http";
import { attachHealth, gracefulClose, healthMiddleware, listenHealth } from "@otel-health/http";
import { listening, type Setup } from "@otel-health/testkit/conformance";
import type { OrchestrationAdapter, OrchestrationServer } from "@otel-health/testkit/orchestration";
import { isOrders, ordersApp } from "./orders-app.ts";

/** Strict, so that a body that Node would drop in silence, as in an answer to HEAD, is an error. */
const strictServer = (listener?: RequestListener) => createServer({ rejectNonStandardBodyWrites: true }, listener);

async function listeningOn(server: Server, { mounts: [{ health }], host }: Setup): Promise<OrchestrationServer> {
  const closing = () => gracefulClose(server, health);
  return { ...(await listening(server, host)), closing };
}

const inApp = { hasApp: true, nests: false, shieldsFrom: ["refuses", "throws", "decorates"] } as const;
const alone = { hasApp: false, nests: false, shieldsFrom: [] } as const;

/** Every way of this package to serve probes. */
export const adapters: readonly OrchestrationAdapter[] = [
  {
    name: "attachHealth",
    ...inApp,
    async serve(setup) {
      const { mounts, first, appWide } = setup;
      const server = strictServer();
      const app = () => server.on("request", (request, response) => void ordersApp(request, response, appWide));
      if (first === "routes") app();
      for (const { health, options } of mounts) attachHealth(server, health, options);
      if (first === "probes") app();
      return await listeningOn(server, setup);
    },
  },
  {
    name: "healthMiddleware",
    ...inApp,
    serve: async (setup) => await listeningOn(strictServer(middlewareChain(setup)), setup),
  },
  {
    name: "healthMiddleware alone",
    ...alone,
    async serve(setup) {
      const { health, options } = setup.mounts[0];
      return await listeningOn(strictServer(healthMiddleware(health, options)), setup);
    },
  },
  {
    name: "listenHealth",
    ...alone,
    async serve({ mounts: [{ health, options }], host }) {
      const server = await listenHealth(health, { host, ...options });
      return { ...server, closing: () => server.close };
    },
  },
];

function middlewareChain({ mounts, first, appWide }: Setup): RequestListener {
  const probes = mounts.map(({ health, options }) => healthMiddleware(health, options));
  return (request, response) => {
    const app = () => void ordersApp(request, response, appWide);
    if (first === "routes" && isOrders(request)) return app();
    probes.reduceRight<() => void>((next, probe) => () => probe(request, response, next), app)();
  };
}
