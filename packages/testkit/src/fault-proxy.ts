import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import type { FaultMode } from "./fault-mode.ts";
import { ProxiedConnection, type Target } from "./proxied-connection.ts";

/** Options of {@link startFaultProxy}. */
export interface FaultProxyOptions {
  readonly target: Target;
  /** Default 0: a free one. */
  readonly port?: number;
  /** How late each chunk is forwarded in mode `slow`, in milliseconds. Default 800. */
  readonly slowMs?: number;
}

/** A TCP proxy on 127.0.0.1 that breaks connections on demand. */
export class FaultProxy implements AsyncDisposable {
  readonly #target: Target;
  readonly #slowMs: number;
  readonly #server: Server;
  readonly #connections = new Set<ProxiedConnection>();
  #port: number;
  #mode: FaultMode = "pass";
  #accepted = 0;
  #switching: Promise<void> = Promise.resolve();

  constructor(options: FaultProxyOptions) {
    this.#target = options.target;
    this.#slowMs = options.slowMs ?? 800;
    this.#port = options.port ?? 0;
    this.#server = createServer({ allowHalfOpen: true }, (client) => this.#accept(client));
  }

  /** Does not change over the proxy's life, mode `refuse` included. */
  get port(): number {
    return this.#port;
  }

  get mode(): FaultMode {
    return this.#mode;
  }

  /** How many connections are open now. */
  get connections(): number {
    return this.#connections.size;
  }

  /** How many connections were accepted since the start. */
  get accepted(): number {
    return this.#accepted;
  }

  /** Starts to listen; {@link startFaultProxy} has done so. */
  async listen(): Promise<void> {
    this.#server.listen(this.#port, "127.0.0.1");
    await once(this.#server, "listening");
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /**
   * Resolves when the mode is in force. Leaving `hang` delivers what was held, as a server does that was stopped and
   * continued. Rejects if somebody took the port while the proxy refused; the mode is `refuse` still.
   */
  setMode(mode: FaultMode): Promise<void> {
    const switched = this.#switching.then(() => this.#switchTo(mode));
    this.#switching = switched.catch(() => {});
    return switched;
  }

  /** Resets what is open and stops listening; resolves when no socket is left. */
  close(): Promise<void> {
    return this.setMode("refuse");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #switchTo(mode: FaultMode): Promise<void> {
    if (this.#mode === "refuse" && mode !== "refuse") await this.listen();
    this.#mode = mode;
    const open = [...this.#connections];
    for (const connection of open) {
      if (mode === "refuse" || mode === "reset") connection.reset();
      else connection.setMode(mode, this.#slowMs);
    }
    if (mode !== "refuse" || !this.#server.listening) return;
    // close() gives the port up at once, and calls back when the last connection is gone.
    await Promise.all([new Promise((resolve) => this.#server.close(resolve)), ...open.map(({ closed }) => closed)]);
  }

  #accept(client: Socket): void {
    this.#accepted += 1;
    const connection = new ProxiedConnection(client, this.#target);
    connection.setMode(this.#mode, this.#slowMs);
    this.#connections.add(connection);
    void connection.closed.then(() => this.#connections.delete(connection));
  }
}

/** Starts a {@link FaultProxy} in mode `pass`; rejects if `port` is taken. */
export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const proxy = new FaultProxy(options);
  await proxy.listen();
  return proxy;
}
