import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { serve as listen } from "@hono/node-server";
import { gracefulClose, healthEndpoints } from "@otel-health/hono";
import { Hono } from "hono";
import type { Serve } from "./serve.ts";

export const serve: Serve = async (health, { orders, slow }, options) => {
  const app = new Hono();
  app.use(healthEndpoints(health, options));
  app.get("/orders", (context) => context.body(orders, 200, { "Content-Type": "application/json" }));
  app.get("/slow", async (context) => {
    await slow();
    return context.text("slow tea");
  });
  const server = listen({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }) as Server;
  const close = gracefulClose(server, health);
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, close };
};
