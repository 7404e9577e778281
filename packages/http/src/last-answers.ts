import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
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
  const inFlight = new Map<ServerResponse, PromiseWithResolvers<void>>();
  const bySocket = new WeakMap<Socket, Set<ServerResponse>>();
  let left = false;
  const done = (response: ServerResponse) => {
    inFlight.get(response)?.resolve();
    inFlight.delete(response);
  };
  /** The answers under way on one connection: not each is told of its end, as where CONNECT was pipelined behind it. */
  const answersOn = (socket: Socket) => {
    const known = bySocket.get(socket);
    if (known !== undefined) return known;
    const answers = new Set<ServerResponse>();
    bySocket.set(socket, answers);
    socket.once("close", () => answers.forEach(done));
    return answers;
  };
  server.prependListener("request", ({ socket }: IncomingMessage, response: ServerResponse) => {
    if (left || leaving.has(health.snapshot().lifecycle)) response.shouldKeepAlive = false;
    const answers = answersOn(socket).add(response);
    inFlight.set(response, Promise.withResolvers());
    response.once("close", () => {
      answers.delete(response);
      done(response);
    });
  });
  return async () => {
    left = true;
    for (const response of inFlight.keys()) if (!response.headersSent) response.shouldKeepAlive = false;
    await Promise.all(Array.from(inFlight.values(), ({ promise }) => promise));
  };
}
