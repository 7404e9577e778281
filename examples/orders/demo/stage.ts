import { join } from "node:path";
import { type Child, type FaultProxy, freePort, startChild, startFaultProxy } from "@otel-health/testkit";
import { type OtlpReceiver, startOtlpReceiver } from "@otel-health/testkit/otlp";

/** The demo's checks run every 1.5 s with a deadline of a fifth of it, so that the story is short. */
export const intervalMs = 1_500;
export const drainDelayMs = 1_500;

const ready = /^listening on |"msg":"listening"/;
const startScript = (script: string, options: { args?: readonly string[]; env?: NodeJS.ProcessEnv } = {}) =>
  startChild({
    command: process.execPath,
    args: [join(import.meta.dirname, "..", script), ...(options.args ?? [])],
    env: options.env ?? process.env,
    ready,
  });

/** Everything that plays a part, as real processes; the proxy and the collector are in this one. Begins without service. */
export class Stage implements AsyncDisposable {
  readonly database: string;
  readonly proxy: FaultProxy;
  readonly collector: OtlpReceiver;
  readonly cachePort: number;
  readonly port: number;
  readonly adminPort: number;
  readonly metricsPort: number;
  #cache: Child | undefined;
  #service: Child | undefined;
  readonly #owned: AsyncDisposableStack;

  private constructor(
    owned: AsyncDisposableStack,
    parts: Pick<Stage, "database" | "proxy" | "collector" | "cachePort" | "port" | "adminPort" | "metricsPort">,
  ) {
    this.#owned = owned;
    this.database = parts.database;
    this.proxy = parts.proxy;
    this.collector = parts.collector;
    this.cachePort = parts.cachePort;
    this.port = parts.port;
    this.adminPort = parts.adminPort;
    this.metricsPort = parts.metricsPort;
  }

  static async open(): Promise<Stage> {
    await using owned = new AsyncDisposableStack();
    const database = owned.use(await startScript("database.ts"));
    const url = new URL((database.stdout[0] ?? "").replace("listening on ", ""));
    const proxy = owned.use(await startFaultProxy({ target: { host: url.hostname, port: Number(url.port) } }));
    const collector = owned.use(await startOtlpReceiver());
    const [cachePort, port, adminPort, metricsPort] = [
      await freePort(),
      await freePort(),
      await freePort(),
      await freePort(),
    ];
    const parts = { database: url.href, proxy, collector, cachePort, port, adminPort, metricsPort };
    const stage = new Stage(owned.move(), parts);
    await stage.startCache();
    return stage;
  }
}
