import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { gracefulClose, healthEndpoints } from "@otel-health/express";
import express from "express";
import type { Serve } from "./serve.ts";

export const serve: Serve = async (health, { orders, slow }, options) => {
  const app = express();
  app.use(healthEndpoints(health, options));
  app.get("/orders", (_request, response) => void response.type("json").send(orders));
  app.get("/slow", async (_request, response) => {
    await slow();
    response.send("slow tea");
  });
  const server = app.listen(0, "127.0.0.1");
  const close = gracefulClose(server, health);
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, close };
};
