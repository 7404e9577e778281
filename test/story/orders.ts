import { join, resolve } from "node:path";
import { type Child, type FaultProxy, freePort, startChild, startFaultProxy } from "@otel-health/testkit";

const folder = resolve(import.meta.dirname, "../../examples/orders");

/** The example service as a real process, with its real database behind a proxy that can break it. */
export interface RunningOrders extends AsyncDisposable {
  readonly service: Child;
  readonly proxy: FaultProxy;
  readonly url: string;
  /** Where reports are full. */
  readonly adminUrl: string;
  /** `host:port` of the metrics page. */
  readonly metrics: string;
  /** The JSON lines that the service logged so far. */
  logged(): readonly Readonly<Record<string, unknown>>[];
}

/** Starts database, proxy and service; `env` is added to the service's environment. */
export async function startOrders(env: NodeJS.ProcessEnv): Promise<RunningOrders> {
  await using started = new AsyncDisposableStack();
  const database = started.use(
    await startChild({
      command: process.execPath,
      args: [join(folder, "database.ts"), "--port", "0"],
      ready: /^listening on/,
    }),
  );
  const { port } = new URL(database.stdout.join("").replace("listening on ", ""));
  const proxy = started.use(await startFaultProxy({ target: { host: "127.0.0.1", port: Number(port) } }));
  const [own, admin, metrics] = [await freePort(), await freePort(), await freePort()];
  const service = started.use(
    await startChild({
      command: process.execPath,
      args: [join(folder, "main.ts")],
      env: {
        ...process.env,
        DATABASE_URL: `postgres://postgres@127.0.0.1:${proxy.port}/postgres`,
        PORT: String(own),
        ADMIN_PORT: String(admin),
        METRICS_PORT: String(metrics),
        ...env,
      },
      ready: /"listening"/,
    }),
  );
  const resources = started.move();
  return {
    service,
    proxy,
    url: `http://127.0.0.1:${own}`,
    adminUrl: `http://127.0.0.1:${admin}`,
    metrics: `localhost:${metrics}`,
    logged: () => service.stdout.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line)),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
