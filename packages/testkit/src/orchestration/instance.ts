import { drainOnSignals, type Health } from "@otel-health/core";
import type { FakeClock, ScriptedCheck } from "@otel-health/core/testing";
import { type Ask, requestBytes } from "../conformance/ask.ts";
import type { Container } from "../kubelet/container.ts";
import { RawConnection, type RawResponse } from "../raw-connection.ts";
import type { OrchestrationAdapter, OrchestrationServer } from "./adapter.ts";
import { type Orders, orders } from "./orders.ts";
import { Signals } from "./signals.ts";

/** Longer than three probes of every tenth second take to fail. */
export const drainSeconds = 40;

const paths = ["/startupz", "/readyz", "/servez", "/livez"] as const;

/** One instance of a service that takes orders: a real server, and a life on the clock that a signal ends. */
export class Instance implements Container, AsyncDisposable {
  /** Whether the loop of its process has stopped to turn. */
  isStalled = false;
  readonly #clock: FakeClock;
  readonly #orders: Orders;
  readonly #server: OrchestrationServer;
  readonly #signals = new Signals();

  private constructor(clock: FakeClock, given: Orders, server: OrchestrationServer) {
    this.#clock = clock;
    this.#orders = given;
    this.#server = server;
    const close = server.closing();
    drainOnSignals(given.health, { clock, delayMs: drainSeconds * 1000, close, process: this.#signals });
  }

  /** It listens, and its startup has begun. */
  static async start(adapter: OrchestrationAdapter, clock: FakeClock): Promise<Instance> {
    const given = orders(clock);
    const server = await adapter.serve({ mounts: [{ health: given.health }], first: "probes", host: "127.0.0.1" });
    void given.health.start();
    return new Instance(clock, given, server);
  }

  get health(): Health {
    return this.#orders.health;
  }

  get database(): ScriptedCheck {
    return this.#orders.database;
  }

  get port(): number {
    return this.#server.port;
  }

  get exitCode(): number | undefined {
    return this.#signals.exitCode;
  }

  get exited(): boolean {
    return this.exitCode !== undefined;
  }

  kill(signal: "SIGTERM" | "SIGKILL"): void {
    if (signal === "SIGTERM") this.#signals.send(signal);
    else this.#signals.exit(137);
  }

  /** What its process does all the time. */
  turn(): void {
    if (!this.isStalled) this.#orders.beat();
  }

  /** The answer to a request on a connection of its own. */
  async ask(ask: Ask): Promise<RawResponse> {
    using connection = new RawConnection(this.port);
    return await connection.send(requestBytes(ask)).response();
  }

  /** How each probe is answered. */
  async statuses(): Promise<Record<(typeof paths)[number], number>> {
    const answers = await Promise.all(paths.map(async (url) => [url, (await this.ask({ url })).status] as const));
    return Object.fromEntries(answers) as Record<(typeof paths)[number], number>;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const stopped = this.health.stop();
    // Runs that hang are waited for in the clock's time.
    await this.#clock.advance(1_000);
    await stopped;
    await this.#server[Symbol.asyncDispose]();
  }
}
