import { fstatSync } from "node:fs";
import { parseArgs } from "node:util";
import { createHealth, listenHealth, push } from "@otel-health/http";

// The supplier of tea: another service with a health of its own, which depends on a warehouse that it can do without.
// `node supplier.ts --port 0`; `kill -USR2` closes the warehouse, and opens it again.

for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => process.exit(0));
const stdin = fstatSync(0);
if (stdin.isFIFO() || stdin.isSocket()) process.stdin.once("end", () => process.exit(0)).resume();

const health = createHealth({
  service: { name: "supplier", version: "7.0.1" },
  checks: { warehouse: push({ critical: false }) },
});
const { warehouse } = health.checks;
warehouse.pass();
let open = true;
process.on("SIGUSR2", () => {
  open = !open;
  if (open) warehouse.pass();
  else warehouse.fail("closed for stocktaking");
});

const { port } = parseArgs({ options: { port: { type: "string", default: "0" } } }).values;
await health.start();
const probes = await listenHealth(health, { port: Number(port), host: "127.0.0.1" });
process.stdout.write(`listening on http://127.0.0.1:${probes.port}\n`);
