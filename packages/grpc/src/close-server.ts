import type { Server } from "@grpc/grpc-js";
import type { Clock } from "@otel-health/core";

/** Takes no more calls and waits for those in flight; what is not done in time is cut. */
export async function closeServer(server: Server, withinMs: number, clock: Clock): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  // An error says that it was shut down before.
  server.tryShutdown(() => resolve());
  const timer = clock.setTimer(
    () => {
      server.forceShutdown();
      resolve();
    },
    withinMs,
    true,
  );
  await promise;
  clock.clearTimer(timer);
}
