import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { EndpointOptions, Health } from "@otel-health/core";
import { answer } from "./answer.ts";

/** Events by which a server hands over a request; all of them give the request and the response. */
const requestEvents: ReadonlySet<unknown> = new Set(["request", "checkContinue", "checkExpectation"]);

/**
 * Answers probes on a server that exists, attached before or after its other listeners, which never see a probe.
 * Returns a function that detaches.
 */
export function attachHealth(
  server: Server,
  health: Pick<Health, "endpoints">,
  options: EndpointOptions = {},
): () => void {
  const endpoints = health.endpoints(options);
  let attached = true;
  // Listeners can't stop each other, so the event itself is caught. It is caught on the instance: instrumentation that
  // patches the prototype makes no span of what never reaches it.
  const emit = server.emit;
  const own = Object.hasOwn(server, "emit");
  function emitUnlessProbe(this: Server, event: string | symbol, ...args: unknown[]): boolean {
    if (
      attached &&
      requestEvents.has(event) &&
      answer(endpoints, args[0] as IncomingMessage, args[1] as ServerResponse)
    )
      return true;
    return Reflect.apply(emit, this, [event, ...args]);
  }
  server.emit = emitUnlessProbe as typeof server.emit;
  return () => {
    attached = false;
    // Where something was attached later, this link of the chain stays and lets everything through.
    if (server.emit !== (emitUnlessProbe as typeof server.emit)) return;
    if (own) server.emit = emit;
    else Reflect.deleteProperty(server, "emit");
  };
}
