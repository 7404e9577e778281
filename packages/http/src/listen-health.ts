import type { AddressInfo } from "node:net";
import { type Clock, type EndpointOptions, type Health, HealthError, notFound, systemClock } from "@otel-health/core";
import { write } from "./answer.ts";
import { attachHealth } from "./attach-health.ts";

/** Options of {@link listenHealth}. */
export interface ListenOptions extends EndpointOptions {
  /** 0 to 65535; default 0, which takes a free one. */
  readonly port?: number;
  /** Default every address of the machine, IPv4 and IPv6. */
  readonly host?: string;
  /** Milliseconds for which `close()` waits for requests in flight before it cuts them; default 1 000. */
  readonly closeWithinMs?: number;
  /** Default the process's own. */
  readonly clock?: Clock;
}

/** A server that serves nothing but probes, and never keeps the process alive. */
export interface HealthServer extends AsyncDisposable {
  /** The port that it listens on. */
  readonly port: number;
  readonly address: AddressInfo;
  /** Takes no more connections, lets go of idle ones, and resolves when the others are done or cut. */
  close(): Promise<void>;
}

/** Serves probes on a port of their own. Rejects where it cannot listen. */
export async function listenHealth(
  health: Pick<Health, "endpoints">,
  options: ListenOptions = {},
): Promise<HealthServer> {
  const { port = 0, host, closeWithinMs = 1_000, clock = systemClock, ...endpoints } = options;
  refuseBad("port", "a whole number from 0 to 65535", port, Number.isInteger(port) && port >= 0 && port <= 65_535);
  refuseBad("host", "a host name or address", host, host === undefined || (typeof host === "string" && host !== ""));
  refuseBad(
    "closeWithinMs",
    "a number of milliseconds from 0 up",
    closeWithinMs,
    typeof closeWithinMs === "number" && closeWithinMs >= 0,
  );
  // An ES import of node:http loads undici with it: five times the time and memory.
  const { createServer } = process.getBuiltinModule("node:http");
  const server = createServer(
    {
      optimizeEmptyRequests: true,
      // A probe is one small request: whoever takes longer or sends more is not probing.
      headersTimeout: 5_000,
      requestTimeout: 5_000,
      maxHeaderSize: 8_192,
      // Longer than the usual probe interval of ten seconds, so that a prober that keeps its connection can.
      keepAliveTimeout: 15_000,
    },
    (request, response) => write(response, request.method === "HEAD" ? notFound.HEAD : notFound.GET),
  );
  attachHealth(server, health, endpoints);
  server.on("connection", (socket) => socket.unref());
  const listening = Promise.withResolvers<void>();
  server.once("error", listening.reject);
  server.listen({ port, ...(host !== undefined && { host }) }, listening.resolve);
  await listening.promise;
  server.off("error", listening.reject);
  server.unref();
  const address = server.address() as AddressInfo;
  let closed: Promise<void> | undefined;
  const close = async () => {
    const ended = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeIdleConnections();
    const timer = clock.setTimer(() => server.closeAllConnections(), closeWithinMs, true);
    await ended;
    clock.clearTimer(timer);
  };
  const closeOnce = () => {
    closed ??= close();
    return closed;
  };
  return { port: address.port, address, close: closeOnce, [Symbol.asyncDispose]: closeOnce };
}

function refuseBad(option: string, expected: string, given: unknown, good: boolean): void {
  if (!good)
    throw new HealthError(
      "invalid_option",
      `${option} of listenHealth() must be ${expected}, got ${typeof given === "string" ? JSON.stringify(given) : String(given)}`,
    );
}
