import type { EndpointOptions, Health } from "@otel-health/core";
import { answerNotFound } from "./answer.ts";
import { attachHealth } from "./attach-health.ts";
import { closeWithin } from "./close-within.ts";
import { type Listening, listen, type PortOptions, readPortOptions } from "./listening.ts";

/** Options of {@link listenHealth}. */
export interface ListenOptions extends EndpointOptions, PortOptions {}

/** A server that serves nothing but probes, and never keeps the process alive. */
export interface HealthServer extends Listening {}

/** Serves probes on a port of their own. Rejects where it cannot listen, with Node's error. */
export async function listenHealth(
  health: Pick<Health, "endpoints">,
  options: ListenOptions = {},
): Promise<HealthServer> {
  const { port: _port, host: _host, closeWithinMs: _within, clock: _clock, ...endpoints } = options;
  const { port, host, closeWithinMs, clock } = readPortOptions(options, "listenHealth()");
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
  const close = () => closeWithin(server, closeWithinMs, clock).then(detach);
  return listen(server, { port, host }, "the probe server", close);
}
