import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Health, LifecyclePhase } from "@otel-health/core";

const leaving: ReadonlySet<LifecyclePhase> = new Set(["draining", "stopped"]);

/**
 * From the drain on, each answer is the last of its connection, so that clients that keep theirs go elsewhere in time:
 * for whoever closes the server itself, as frameworks do. The function that it returns does the same to the answers under
 * way, whatever the phase, and resolves when these are sent or given up. To be called when the server is made.
 */
export function lastAnswers(
  server: Pick<Server, "prependListener">,
  health: Pick<Health, "snapshot">,
): () => Promise<void> {
  const inFlight = new Map<ServerResponse, Promise<void>>();
  let left = false;
  server.prependListener("request", (_request: IncomingMessage, response: ServerResponse) => {
    if (left || leaving.has(health.snapshot().lifecycle)) response.shouldKeepAlive = false;
    const { promise, resolve } = Promise.withResolvers<void>();
    inFlight.set(response, promise);
    response.once("close", () => {
      inFlight.delete(response);
      resolve();
    });
  });
  return async () => {
    left = true;
    for (const response of inFlight.keys()) if (!response.headersSent) response.shouldKeepAlive = false;
    await Promise.all(inFlight.values());
  };
}
