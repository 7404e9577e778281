// One service for Bun and for Deno, each with the server that it has.
import { createHealth, gate, healthFetch } from "@otel-health/http";

const health = createHealth({ checks: { maintenance: gate() } });
const probes = healthFetch(health);
const fetch = (request) => {
  if (request.url.endsWith("/close")) health.checks.maintenance.close("upgrade");
  return probes(request, () => new Response("hello"));
};
const where = { port: 0, hostname: "127.0.0.1" };
const port = globalThis.Bun
  ? globalThis.Bun.serve({ ...where, fetch }).port
  : globalThis.Deno.serve({ ...where, onListen: () => {} }, fetch).addr.port;
await health.start();
console.log(`listening on ${port}`);
