import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Child, type FaultProxy, freePort, startChild, startFaultProxy } from "@otel-health/testkit";
import { type OtlpReceiver, startOtlpReceiver } from "@otel-health/testkit/otlp";

/** The checks of the demo run this often, with a deadline of a fifth of it, so that the story is short. */
export const intervalMs = 1_500;
const drainDelayMs = 1_500;
/** And a loop that is blocked is dead after so long, instead of after 30 s. */
export const deadAfterMs = 5_000;

/** Everything that plays a part. The proxy and the collector are in this process, the others are processes of their own. */
export interface Stage extends AsyncDisposable {
  readonly urls: {
    readonly service: string;
    /** The probes from the thread of the watchdog. */
    readonly probes: string;
    readonly admin: string;
    readonly metrics: string;
    readonly database: string;
    readonly cache: string;
    readonly supplier: string;
  };
  /** Between the service and its database. */
  readonly proxy: FaultProxy;
  readonly collector: OtlpReceiver;
  /** Where the service leaves the reason for its end: in Kubernetes `/dev/termination-log`. */
  readonly terminationLog: string;
  /** The copy that runs, or ran last. */
  readonly service: Child;
  /** Resolves when it listens, which is before it is ready. */
  startService(): Promise<void>;
  startCache(): Promise<void>;
  stopCache(): Promise<void>;
  /** Closes the supplier's warehouse, or opens it again: it says of itself that it is degraded. */
  toggleWarehouse(): void;
}

/** Starts everything but the service, which finds a database that refuses. What was started ends with the stage. */
export async function openStage(): Promise<Stage> {
  await using owned = new AsyncDisposableStack();
  const database = owned.use(await start("database.ts", ["--port", "0"]));
  const { port: databasePort } = new URL(listeningOn(database));
  const proxy = owned.use(await startFaultProxy({ target: { host: "127.0.0.1", port: Number(databasePort) } }));
  await proxy.setMode("refuse");
  const collector = owned.use(await startOtlpReceiver());

  let cache = await start("cache-server.ts", ["--port", "0"]);
  owned.defer(() => cache[Symbol.asyncDispose]());
  const { port: cachePort } = new URL(listeningOn(cache));

  const supplier = owned.use(await start("supplier.ts", ["--port", "0"]));

  const [port, probePort, adminPort, metricsPort] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  const folder = mkdtempSync(join(tmpdir(), "orders-"));
  owned.defer(() => rmSync(folder, { recursive: true }));
  const terminationLog = join(folder, "termination-log");
  const env = {
    ...withoutOtelVariables(process.env),
    PORT: String(port),
    PROBE_PORT: String(probePort),
    ADMIN_PORT: String(adminPort),
    METRICS_PORT: String(metricsPort),
    DATABASE_URL: `postgres://postgres@127.0.0.1:${proxy.port}/postgres`,
    CACHE_URL: `redis://127.0.0.1:${cachePort}`,
    SUPPLIER_URL: listeningOn(supplier),
    HEALTH_INTERVAL_MS: String(intervalMs),
    DRAIN_DELAY_MS: String(drainDelayMs),
    DEAD_AFTER_MS: String(deadAfterMs),
    TERMINATION_LOG: terminationLog,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    // The batches of the SDK leave at once; by default a span waits for up to five seconds.
    OTEL_BSP_SCHEDULE_DELAY: "100",
    OTEL_BLRP_SCHEDULE_DELAY: "100",
  };
  let service: Child | undefined;
  owned.defer(async () => void (await service?.stop()));
  const closing = owned.move();

  return {
    urls: {
      service: `http://localhost:${port}`,
      probes: `http://localhost:${probePort}`,
      admin: `http://localhost:${adminPort}`,
      metrics: `http://localhost:${metricsPort}/metrics`,
      database: listeningOn(database),
      cache: `redis://127.0.0.1:${cachePort}`,
      supplier: listeningOn(supplier),
    },
    proxy,
    collector,
    terminationLog,
    get service() {
      if (service === undefined) throw new Error("the service has not been started yet");
      return service;
    },
    async startService() {
      service = await start("main.ts", [], env);
    },
    async startCache() {
      cache = await start("cache-server.ts", ["--port", cachePort]);
    },
    async stopCache() {
      await cache.stop();
    },
    toggleWarehouse() {
      process.kill(Number(supplier.pid), "SIGUSR2");
    },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

function start(script: string, args: readonly string[], env = process.env): Promise<Child> {
  return startChild({
    command: process.execPath,
    args: [join(import.meta.dirname, "..", script), ...args],
    env,
    ready: /^listening on |"msg":"listening"/,
    readyTimeoutMs: 50_000,
  });
}

function listeningOn({ stdout }: Child): string {
  return (stdout[0] ?? "").replace("listening on ", "");
}

/** The stage decides where telemetry goes, whatever the shell that the demo runs in is set up for. */
function withoutOtelVariables(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("OTEL_")));
}
