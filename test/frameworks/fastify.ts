import type { AddressInfo } from "node:net";
import { healthEndpoints } from "@otel-health/fastify";
import { fastify } from "fastify";
import type { Serve } from "./serve.ts";

export const serve: Serve = async (health, { orders, slow }, options) => {
  const app = fastify();
  await app.register(healthEndpoints(health, options));
  app.get("/orders", async (_request, reply) => reply.type("application/json").send(orders));
  app.get("/slow", async () => {
    await slow();
    return "slow tea";
  });
  await app.listen({ port: 0, host: "127.0.0.1" });
  return { port: (app.server.address() as AddressInfo).port, close: () => app.close() };
};
