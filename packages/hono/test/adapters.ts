import type { Server } from "node:http";
import { createAdaptorServer } from "@hono/node-server";
import { gracefulClose, healthEndpoints, healthFetch } from "@otel-health/hono";
import { type AppWide, listening, type Setup } from "@otel-health/testkit/conformance";
import type { OrchestrationAdapter, OrchestrationServer } from "@otel-health/testkit/orchestration";
import type { Hono, MiddlewareHandler } from "hono";
import { compress } from "hono/compress";
import { versions } from "./served.ts";

const appWides: { readonly [A in AppWide]: readonly MiddlewareHandler[] } = {
  refuses: [async (context) => context.text("who are you?", 401)],
  throws: [
    () => {
      throw new Error("no tea today");
    },
  ],
  decorates: [
    async (context, next) => {
      await next();
      context.header("X-App", "on");
      context.header("ETag", '"app"');
    },
    compress({ threshold: 0 }),
  ],
};

function addRoutes(app: Hono): void {
  app.get("/orders", (context) => context.json(["tea"]));
  app.post("/orders", async (context) => {
    const order = await context.req.json().catch(() => undefined);
    return order === undefined ? context.text("no JSON", 400) : context.json(order);
  });
  app.get("/boom", () => {
    throw new Error("no tea");
  });
}

function applicationOf(App: typeof Hono, { mounts, first, appWide }: Setup): Hono {
  // Its own prints what it catches.
  const app = new App().onError((_error, context) => context.text("try again later", 500));
  if (first === "routes") addRoutes(app);
  for (const { health, options, under } of mounts) {
    const endpoints = healthEndpoints(health, options);
    if (under === undefined) app.use(endpoints);
    else app.route(under, new App().use(endpoints));
  }
  if (appWide !== undefined) app.use(...appWides[appWide]);
  if (first === "probes") addRoutes(app);
  return app;
}

/**
 * `lightweight`: with the `Response` that the server puts in place of the global one; otherwise with Node's own. Without a
 * host name to fall back to, it answers HTTP/1.0 requests that have no Host with 400.
 */
const serverOf = (fetch: (request: Request) => Response | Promise<Response>, lightweight: boolean) =>
  createAdaptorServer({ fetch, overrideGlobalObjects: lightweight, hostname: "localhost" }) as Server;

async function listeningOn(server: Server, { mounts: [{ health }], host }: Setup): Promise<OrchestrationServer> {
  const closing = () => gracefulClose(server, health);
  return { ...(await listening(server, host)), closing };
}

const inHono = versions.map(
  ([release, App]): OrchestrationAdapter => ({
    name: `healthEndpoints in ${release}`,
    hasApp: true,
    nests: true,
    shieldsFrom: ["refuses", "throws", "decorates"],
    throughFetch: true,
    serve: async (setup) => await listeningOn(serverOf(applicationOf(App, setup).fetch, true), setup),
  }),
);

const fetches = [true, false].map(
  (lightweight): OrchestrationAdapter => ({
    name: `healthFetch with ${lightweight ? "the Response of a server" : "Node's own Response"}`,
    hasApp: false,
    nests: false,
    shieldsFrom: [],
    throughFetch: true,
    async serve(setup) {
      const { health, options } = setup.mounts[0];
      return await listeningOn(serverOf(healthFetch(health, options), lightweight), setup);
    },
  }),
);

/** Both lines of Hono, and the handler alone. */
export const adapters: readonly OrchestrationAdapter[] = [...inHono, ...fetches];
