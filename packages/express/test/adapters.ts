import { createServer } from "node:http";
import { createRequire } from "node:module";
import { gracefulClose, healthEndpoints } from "@otel-health/express";
import { type AppWide, listening, type Setup } from "@otel-health/testkit/conformance";
import type { OrchestrationAdapter } from "@otel-health/testkit/orchestration";
import express5, { type Express, type RequestHandler } from "express";

type Framework = typeof express5;
const express4: Framework = createRequire(import.meta.url)("express4");

const appWides: { readonly [A in AppWide]: RequestHandler } = {
  refuses: (_request, response) => void response.sendStatus(401),
  throws: () => {
    throw new Error("no tea today");
  },
  decorates: (_request, response, next) => {
    response.set({ "X-App": "on", ETag: '"app"' });
    next();
  },
};

function mount(express: Framework, app: Express, { mounts }: Setup): void {
  for (const { health, options, under } of mounts) {
    if (under === undefined) app.use(healthEndpoints(health, options));
    else app.use(under, express.Router().use(healthEndpoints(health, options)));
  }
}

function addRoutes(express: Framework, app: Express): void {
  app.get("/orders", (_request, response) => void response.json(["tea"]));
  app.post("/orders", express.json(), (request, response) => void response.json(request.body));
  app.get("/boom", () => {
    throw new Error("no tea");
  });
}

function adapterOf(release: string, express: Framework): OrchestrationAdapter {
  return {
    name: `healthEndpoints in Express ${release}`,
    hasApp: true,
    nests: true,
    shieldsFrom: ["refuses", "throws", "decorates"],
    async serve(setup) {
      // "test" keeps Express from printing what a route throws.
      const app = express().disable("x-powered-by").set("env", "test");
      if (setup.first === "routes") addRoutes(express, app);
      mount(express, app, setup);
      if (setup.appWide !== undefined) app.use(appWides[setup.appWide]);
      if (setup.first === "probes") addRoutes(express, app);
      const server = createServer(app);
      const closing = () => gracefulClose(server, setup.mounts[0].health);
      return { ...(await listening(server, setup.host)), closing };
    },
  };
}

/** Express as it is, and the oldest release that the peer range allows. */
export const adapters: readonly OrchestrationAdapter[] = [adapterOf("5", express5), adapterOf("4.17", express4)];
