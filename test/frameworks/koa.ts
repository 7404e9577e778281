import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { gracefulClose, healthEndpoints } from "@otel-health/koa";
import Koa from "koa";
import type { Serve } from "./serve.ts";

export const serve: Serve = async (health, { orders, slow }, options) => {
  const app = new Koa();
  app.use(healthEndpoints(health, options));
  app.use(async (context) => {
    if (context.path === "/orders") {
      context.type = "json";
      context.body = orders;
    } else if (context.path === "/slow") {
      await slow();
      context.body = "slow tea";
    }
  });
  const server = app.listen(0, "127.0.0.1");
  const close = gracefulClose(server, health);
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, close };
};
