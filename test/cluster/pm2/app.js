// One instance of a service under PM2: all share the port of the application, and each has one of its own for its probes.
import { createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { attachHealth, createHealth, drainOnSignals, gracefulClose, listenHealth } from "@otel-health/http";

const { APP_PORT, HEALTH_PORT, NODE_APP_INSTANCE } = process.env;
const health = createHealth();
const server = createServer((_request, response) => response.end(String(process.pid)));
attachHealth(server, health);
drainOnSignals(health, { delayMs: 500, close: gracefulClose(server, health) });

/** The instance that this one replaces has the port until it has drained, and `pm2 reload` ends it once this one is ready. */
async function ownPort() {
  for (;;) {
    try {
      const port = Number(HEALTH_PORT) + Number(NODE_APP_INSTANCE);
      return await listenHealth(health, { host: "127.0.0.1", port });
    } catch (error) {
      if (error.code !== "EADDRINUSE") throw error;
      await sleep(100);
    }
  }
}

await health.start();
server.listen(Number(APP_PORT), "127.0.0.1", () => process.send("ready"));
await ownPort();
