// A service of as many workers as the first argument says, of which as many as the second suffice. Its primary serves the
// verdict over all of them, forks another for the line "fork" on its stdin, blocks its loop for "block", and says on stdout what happened.
import cluster from "node:cluster";
import { createServer } from "node:http";
import {
  attachHealth,
  createHealth,
  drainOnSignals,
  endWorkers,
  gracefulClose,
  listenHealth,
  push,
  reportToPrimary,
  watchWorkers,
} from "@otel-health/http";

const [count = 0, atLeast = count] = process.argv.slice(2, 4).map(Number);

const staleAfterMs = 1_500;

function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
  console.log("unblocked");
}

async function primary(): Promise<void> {
  const health = createHealth({ checks: { workers: push() } });
  watchWorkers(health.checks.workers, { count, atLeast, staleAfterMs });
  cluster.on("message", (worker, message) => {
    if (message.ports !== undefined) console.log(`worker ${worker.id} ${worker.process.pid} ${message.ports}`);
  });
  cluster.on("exit", (worker, code, signal) => console.log(`worker ${worker.id} ended with ${signal ?? code}`));
  for (let i = 0; i < count; i++) cluster.fork();
  process.stdin.on("data", (line) => {
    if (String(line) === "fork\n") cluster.fork();
    else block(2 * staleAfterMs);
  });
  health.on("transition", (transition) => {
    if (transition.state === "unhealthy") console.log(`lost ${transition.state}`);
  });
  const { port } = await listenHealth(health, { host: "127.0.0.1", detail: "full" });
  // Each worker drains by itself; the primary only waits for them.
  drainOnSignals(health, { delayMs: 0, close: () => endWorkers() });
  await health.start();
  console.log(`primary ${port}`);
}

async function worker(): Promise<void> {
  const health = createHealth({ checks: { database: push() } });
  reportToPrimary(health, { intervalMs: 200 });
  const server = createServer((request, response) => {
    if (request.url === "/break") health.checks.database.fail("gone");
    if (request.url === "/mend") health.checks.database.pass();
    response.end(String(process.pid));
  });
  attachHealth(server, health);
  drainOnSignals(health, { delayMs: 300, close: gracefulClose(server, health) });
  const own = await listenHealth(health, { host: "127.0.0.1" });
  health.checks.database.pass();
  await health.start();
  // Without `exclusive`, so that the workers share it.
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    process.send?.({ ports: `${own.port} ${typeof address === "object" ? address?.port : address}` });
  });
}

await (cluster.isPrimary ? primary() : worker());
