import { once } from "node:events";
import type { AddressInfo, Server } from "node:net";
import { diag } from "@opentelemetry/api";
import { type Clock, demand, demandMs, systemClock } from "@otel-health/core";

/** Where a server of ours listens, and how it ends. */
export interface PortOptions {
  /** 0 to 65535; default 0, which takes a free one. In a cluster's worker it is the worker's own, shared with nobody. */
  readonly port?: number;
  /** Default every address of the machine, IPv4 and IPv6. */
  readonly host?: string;
  /** Milliseconds for which `close()` waits for what is in flight before it cuts it; default 1 000. */
  readonly closeWithinMs?: number;
  /** Default the process's own. */
  readonly clock?: Clock;
}

/** A server of ours, which never keeps the process alive. */
export interface Listening extends AsyncDisposable {
  /** The port that it listens on. */
  readonly port: number;
  readonly address: AddressInfo;
  /** Takes no more connections, lets go of idle ones, and resolves when the others are done or cut. */
  close(): Promise<void>;
}

type ResolvedPort = Required<Omit<PortOptions, "host">> & { readonly host: string | undefined };

/** The options, validated and defaulted; `where` is whose they are. Throws `HealthError`. */
export function readPortOptions(options: PortOptions, where: string): ResolvedPort {
  const { port = 0, host, closeWithinMs = 1_000, clock = systemClock } = options;
  const of = `of ${where}`;
  demand(Number.isInteger(port) && port >= 0 && port <= 65_535, `port ${of}`, "a whole number from 0 to 65535", port);
  demand(host === undefined || (typeof host === "string" && host !== ""), `host ${of}`, "a host name or address", host);
  demandMs(`closeWithinMs ${of}`, closeWithinMs);
  demand(typeof clock?.setTimer === "function", `clock ${of}`, "a Clock", clock);
  return { port, host, closeWithinMs, clock };
}

/** Listens; rejects where that cannot be, with Node's error. `close` is called once. */
export async function listen(
  server: Server,
  { port, host }: { readonly port: number; readonly host: string | undefined },
  what: string,
  close: () => Promise<void>,
): Promise<Listening> {
  server.on("connection", (socket) => socket.unref());
  // Exclusive: a cluster's workers would share one port, and whoever of them is next would answer for all.
  await once(server.listen({ port, host, exclusive: true }), "listening");
  // What fails later, such as an accept for want of file descriptors, must not end the process.
  server.on("error", (error) => diag.error(`otel-health: ${what}`, error)).unref();
  const address = server.address() as AddressInfo;
  let closed: Promise<void> | undefined;
  const closeOnce = () => (closed ??= close());
  return { port: address.port, address, close: closeOnce, [Symbol.asyncDispose]: closeOnce };
}
