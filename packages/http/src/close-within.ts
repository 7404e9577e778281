import type { Server } from "node:http";
import type { Clock } from "@otel-health/core";

/**
 * Takes no more connections, lets go of idle ones, and resolves when the others are done; when the time is up they are
 * cut, and nothing is waited for any longer: a socket that was upgraded is no longer the server's to close.
 */
export async function closeWithin(server: Server, withinMs: number, clock: Clock): Promise<void> {
  // A request that comes now is the last of its connection: the client is told so, and not waited for.
  Object.assign(server, { maxRequestsPerSocket: 1, keepAliveTimeout: 1, keepAliveTimeoutBuffer: 0 });
  const { promise, resolve } = Promise.withResolvers<void>();
  // An error says that it was closed before.
  server.close(() => resolve());
  const timer = clock.setTimer(
    () => {
      server.closeAllConnections();
      resolve();
    },
    withinMs,
    true,
  );
  await promise;
  clock.clearTimer(timer);
}
