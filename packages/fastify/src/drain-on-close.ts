import { demandMs, type Health, lastAnswers } from "@otel-health/http";
import type { FastifyInstance } from "fastify";

/** The option, validated and defaulted. Throws `HealthError`. */
export function readDrainDelay(given: number | false = 0): number | false {
  if (given !== false) demandMs("drainDelayMs of healthEndpoints(), if not false,", given);
  return given;
}

/** Drains health before the application closes, and stops it afterwards. */
export function drainOnClose(
  instance: FastifyInstance,
  health: Pick<Health, "drain" | "stop" | "snapshot">,
  delayMs: number,
): void {
  const leave = lastAnswers(instance.server, health);
  // Of the hooks for closing, the last one added is called first. Fastify adds its own, which makes routes answer 503 and
  // closes the server, when all plugins are loaded: one that is added later is called while everything still works.
  instance.addHook("onReady", async () => {
    instance.addHook("onClose", async () => {
      // One that was drained before is not drained again: this only waits for it.
      await health.drain({ delayMs });
      // Not waited for: Fastify waits for requests in flight as long as its settings say.
      void leave();
    });
  });
  instance.addHook("onClose", () => health.stop());
}
