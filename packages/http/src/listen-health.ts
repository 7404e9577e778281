import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { diag } from "@opentelemetry/api";
import { type Clock, type EndpointOptions, type Health, systemClock } from "@otel-health/core";
import { answerNotFound } from "./answer.ts";
import { attachHealth } from "./attach-health.ts";
import { closeWithin } from "./close-within.ts";
import { demand } from "./demand.ts";

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

/** Serves probes on a port of their own. Rejects where it cannot listen, with Node's error. */
export async function listenHealth(
  health: Pick<Health, "endpoints">,
  options: ListenOptions = {},
): Promise<HealthServer> {
  const { port = 0, host, closeWithinMs = 1_000, clock = systemClock, ...endpoints } = options;
  const of = "of listenHealth()";
  demand(Number.isInteger(port) && port >= 0 && port <= 65_535, `port ${of}`, "a whole number from 0 to 65535", port);
  demand(host === undefined || (typeof host === "string" && host !== ""), `host ${of}`, "a host name or address", host);
  demand(
    typeof closeWithinMs === "number" && closeWithinMs >= 0,
    `closeWithinMs ${of}`,
    "milliseconds from 0 up",
    closeWithinMs,
  );
  demand(typeof clock?.setTimer === "function", `clock ${of}`, "a Clock", clock);
  // An ES import of node:http loads undici with it: five times the time and memory.
  const server = process.getBuiltinModule("node:http").createServer(
    {
      optimizeEmptyRequests: true,
      // A probe is one small request: whoever takes longer or sends more is not probing.
      headersTimeout: 5_000,
      requestTimeout: 5_000,
      maxHeaderSize: 8_192,
      // How often Node looks for those; its default is every half minute.
      connectionsCheckingInterval: 1_000,
      // Longer than the usual probe interval of ten seconds, so that a prober that keeps its connection can.
      keepAliveTimeout: 15_000,
    },
    answerNotFound,
  );
  const detach = attachHealth(server, health, endpoints);
  server.on("connection", (socket) => socket.unref());
  await once(server.listen({ port, host }), "listening");
  // What fails later, such as an accept for want of file descriptors, must not end the process.
  server.on("error", (error) => diag.error("otel-health: the probe server", error)).unref();
  const address = server.address() as AddressInfo;
  let closed: Promise<void> | undefined;
  const closeOnce = () => (closed ??= closeWithin(server, closeWithinMs, clock).then(detach));
  return { port: address.port, address, close: closeOnce, [Symbol.asyncDispose]: closeOnce };
}
