import { healthEndpoints } from "@otel-health/fastify";
import type { AppWide, Setup } from "@otel-health/testkit/conformance";
import type { OrchestrationAdapter } from "@otel-health/testkit/orchestration";
import type { FastifyInstance } from "fastify";
import { fastifies, type MakeApp } from "./fastifies.ts";
import { portOf } from "./port-of.ts";

const addAppWide: { readonly [A in AppWide]: (app: FastifyInstance) => unknown } = {
  refuses: (app) =>
    app.addHook("onRequest", async (_request, reply) => {
      await reply.code(401).send();
    }),
  throws: (app) =>
    app.addHook("onRequest", async () => {
      throw new Error("no tea today");
    }),
  decorates: (app) =>
    app.addHook("onSend", async (_request, reply) => void reply.headers({ "X-App": "on", ETag: '"app"' })),
};

async function mount(app: FastifyInstance, { mounts }: Setup): Promise<void> {
  for (const { health, options, under } of mounts)
    await app.register(healthEndpoints(health, options), under === undefined ? {} : { prefix: under });
}

function addRoutes(app: FastifyInstance): void {
  app.get("/orders", async () => ["tea"]);
  app.post("/orders", async ({ body }) => body);
  app.get("/boom", async () => {
    throw new Error("no tea");
  });
}

function adapterOf(release: string, makeApp: MakeApp): OrchestrationAdapter {
  return {
    name: `healthEndpoints in Fastify ${release}`,
    hasApp: true,
    nests: true,
    shieldsFrom: ["refuses", "throws", "decorates"],
    async serve(setup) {
      const app = makeApp();
      // First of all, where it reaches everything that it can.
      if (setup.appWide !== undefined) addAppWide[setup.appWide](app);
      if (setup.first === "routes") addRoutes(app);
      await mount(app, setup);
      if (setup.first === "probes") addRoutes(app);
      await app.listen({ port: 0, host: setup.host });
      return {
        port: portOf(app),
        closing: () => () => app.close(),
        async [Symbol.asyncDispose]() {
          app.server.closeAllConnections();
          await app.close();
        },
      };
    },
  };
}

/** Fastify as it is, and the oldest line that the peer range allows. */
export const adapters: readonly OrchestrationAdapter[] = fastifies.map(([version, makeApp]) =>
  adapterOf(version, makeApp),
);
