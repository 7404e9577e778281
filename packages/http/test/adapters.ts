import { createServer, type RequestListener } from "node:http";
import { attachHealth, healthMiddleware, listenHealth } from "@otel-health/http";
import { type ConformanceAdapter, listening, type Setup } from "@otel-health/testkit/conformance";
import { isOrders, ordersApp } from "./orders-app.ts";

/** Strict, so that a body that Node would drop in silence, as in an answer to HEAD, is an error. */
const strictServer = (listener?: RequestListener) => createServer({ rejectNonStandardBodyWrites: true }, listener);

const inApp = { hasApp: true, nests: false, shieldsFrom: ["refuses", "throws", "decorates"] } as const;
const alone = { hasApp: false, nests: false, shieldsFrom: [] } as const;

/** Every way of this package to serve probes. */
export const adapters: readonly ConformanceAdapter[] = [
  {
    name: "attachHealth",
    ...inApp,
    async serve({ mounts, first, appWide, host }) {
      const server = strictServer();
      const app = () => server.on("request", (request, response) => void ordersApp(request, response, appWide));
      if (first === "routes") app();
      for (const { health, options } of mounts) attachHealth(server, health, options);
      if (first === "probes") app();
      return await listening(server, host);
    },
  },
  {
    name: "healthMiddleware",
    ...inApp,
    serve: async (setup) => await listening(strictServer(middlewareChain(setup)), setup.host),
  },
  {
    name: "healthMiddleware alone",
    ...alone,
    serve: async ({ mounts: [{ health, options }], host }) =>
      await listening(strictServer(healthMiddleware(health, options)), host),
  },
  {
    name: "listenHealth",
    ...alone,
    serve: async ({ mounts: [{ health, options }], host }) => await listenHealth(health, { host, ...options }),
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
