import { createHealth, listenHealth } from "@otel-health/http";

// A process that has nothing to do but to serve probes, once its stdin has ended. It says where, and what it loaded.

const health = createHealth({ checks: { database: { run: () => {}, intervalMs: 50 } } });
await health.start();
const { port } = await listenHealth(health);
// What process.moduleLoadList holds is not in the types, nor in the documentation.
const { moduleLoadList } = process as unknown as { readonly moduleLoadList: readonly string[] };
const loaded = moduleLoadList.filter((name) => name.includes("undici"));
process.stdout.write(`${JSON.stringify({ port, loaded })}\n`);
process.stdin.resume();
