import type { Server } from "node:http";
import { type Clock, demand, demandMs, type Health, systemClock } from "@otel-health/core";
import { closeWithin } from "./close-within.ts";
import { lastAnswers } from "./last-answers.ts";

/** Options of {@link gracefulClose}. */
export interface GracefulCloseOptions {
  /** Milliseconds that requests in flight are waited for once the server takes no more connections; default 5 000. */
  readonly withinMs?: number;
  /** Default the process's own. */
  readonly clock?: Clock;
}

/**
 * Makes ready to close a server without losing a request: `drainOnSignals(health, { close: gracefulClose(server, health) })`.
 * From the drain on, each answer is the last of its connection, so that clients that keep theirs go elsewhere in time.
 * The function that it returns closes the listener and the idle connections and resolves when the requests in flight
 * are answered, or cut. To be called when the server is made: it has to see the requests begin.
 */
export function gracefulClose(
  server: Server,
  health: Pick<Health, "snapshot">,
  options: GracefulCloseOptions = {},
): () => Promise<void> {
  const { withinMs = 5_000, clock = systemClock, ...unknown } = options;
  const of = "of gracefulClose()";
  demand(
    typeof server?.closeIdleConnections === "function",
    `server ${of}`,
    "a node:http or node:https server",
    server,
  );
  demand(typeof health?.snapshot === "function", `health ${of}`, "a health object", health);
  demandMs(`withinMs ${of}`, withinMs);
  demand(typeof clock?.setTimer === "function", `clock ${of}`, "a Clock", clock);
  for (const key of Object.keys(unknown)) demand(false, `option ${key} ${of}`, "one of clock and withinMs", key);

  const leave = lastAnswers(server, health);
  let closed: Promise<void> | undefined;
  const close = () => {
    // What is written already can't be changed: those connections end by the shortened keep-alive timeout.
    void leave();
    return closeWithin(server, withinMs, clock);
  };
  return () => (closed ??= close());
}
