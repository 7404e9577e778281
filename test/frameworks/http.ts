import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { attachHealth, gracefulClose } from "@otel-health/http";
import type { Serve } from "./serve.ts";

export const serve: Serve = async (health, { orders, slow }, options) => {
  const server = createServer((request, response) => {
    if (request.url === "/orders") response.setHeader("Content-Type", "application/json").end(orders);
    else if (request.url === "/slow") void slow().then(() => response.end("slow tea"));
    else response.writeHead(404).end();
  });
  attachHealth(server, health, options);
  const close = gracefulClose(server, health);
  await once(server.listen(0, "127.0.0.1"), "listening");
  return { port: (server.address() as AddressInfo).port, close };
};
