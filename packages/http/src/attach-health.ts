import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { demand, type EndpointOptions, type Endpoints, type Health } from "@otel-health/core";
import { answer } from "./answer.ts";

/** Events by which a server hands over a request; all of them give the request and the response. */
const requestEvents: ReadonlySet<unknown> = new Set(["request", "checkContinue", "checkExpectation"]);

/** Under which a server keeps what is attached to it. */
const attached = Symbol("attached health endpoints");
type Attachable = Server & { [attached]?: Set<Endpoints> };

/**
 * Answers probes on a server that exists, attached before or after its other listeners, which never see a probe.
 * Returns a function that detaches.
 */
export function attachHealth(
  server: Server,
  health: Pick<Health, "endpoints">,
  options: EndpointOptions = {},
): () => void {
  const isServer = typeof server?.address === "function";
  demand(isServer, "server of attachHealth()", "what createServer() or an application's listen() returns", server);
  const endpoints = health.endpoints(options);
  const attachable: Attachable = server;
  attachable[attached] ??= catchProbes(server);
  const all = attachable[attached].add(endpoints);
  return () => {
    all.delete(endpoints);
    endpoints.close();
  };
}

/** Answers what is for any of the endpoints in the set that it returns, and lets through everything else. */
function catchProbes(server: Server): Set<Endpoints> {
  const all = new Set<Endpoints>();
  const own = Object.hasOwn(server, "emit") ? server.emit : undefined;
  // Listeners can't stop each other, so the event itself is caught. It is caught on the instance: instrumentation that
  // patches the prototype, which may come later, sees all but the probes.
  server.emit = function (this: Server, ...args: unknown[]): boolean {
    if (requestEvents.has(args[0]))
      for (const endpoints of all)
        if (answer(endpoints, args[1] as IncomingMessage, args[2] as ServerResponse)) return true;
    return Reflect.apply(own ?? Object.getPrototypeOf(server).emit, this, args);
  };
  return all;
}
