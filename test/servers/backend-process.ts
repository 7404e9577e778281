// A backend in a process of its own, for what only happens to processes.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { attachHealth, createHealth } from "@otel-health/http";

const health = createHealth();
const server = createServer((_request, response) => response.end("process"));
attachHealth(server, health);
await health.start();
server.listen(0, "127.0.0.1", () => console.log(`listening on ${(server.address() as AddressInfo).port}`));
