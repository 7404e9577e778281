import { createServer } from "node:http";
import { json } from "node:stream/consumers";
import { gracefulClose, healthEndpoints } from "@otel-health/koa";
import { type AppWide, listening, type Setup } from "@otel-health/testkit/conformance";
import type { OrchestrationAdapter } from "@otel-health/testkit/orchestration";
import type Koa from "koa";
import type { Middleware } from "koa";
import mount from "koa-mount";
import { majors } from "./served.ts";

/** It comes before the probes, where Koa lets it see every answer: a probe's is written and stays as it is. */
const decorate: Middleware = async (context, next) => {
  await next();
  context.set({ "X-App": "on", ETag: '"app"' });
  if (context.fresh) context.status = 304;
};

const appWides: { readonly [A in Exclude<AppWide, "decorates">]: Middleware } = {
  refuses: (context) => context.throw(401),
  throws: () => {
    throw new Error("no tea today");
  },
};

const routes: Middleware = async (context, next) => {
  if (context.url === "/boom") throw new Error("no tea");
  if (context.url !== "/orders") return await next();
  context.body = context.method === "POST" ? await json(context.req).catch(() => context.throw(400)) : ["tea"];
};

function use(app: Koa, { mounts, first, appWide }: Setup): void {
  // What a middleware throws is not for the console.
  app.silent = true;
  if (appWide === "decorates") app.use(decorate);
  if (first === "routes") app.use(routes);
  for (const { health, options, under } of mounts) {
    const endpoints = healthEndpoints(health, options);
    app.use(under === undefined ? endpoints : mount(under, endpoints));
  }
  if (appWide !== undefined && appWide !== "decorates") app.use(appWides[appWide]);
  if (first === "probes") app.use(routes);
}

/** Both majors. */
export const adapters: readonly OrchestrationAdapter[] = majors.map(([release, Application]) => ({
  name: `healthEndpoints in ${release}`,
  hasApp: true,
  nests: true,
  shieldsFrom: ["refuses", "throws", "decorates"],
  async serve(setup) {
    const app = new Application();
    use(app, setup);
    const server = createServer({ rejectNonStandardBodyWrites: true }, app.callback());
    const closing = () => gracefulClose(server, setup.mounts[0].health);
    return { ...(await listening(server, setup.host)), closing };
  },
}));
