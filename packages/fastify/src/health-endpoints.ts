import { attachHealth, type EndpointOptions, type Health } from "@otel-health/http";
import type { FastifyPluginAsync } from "fastify";
import { drainOnClose, readDrainDelay } from "./drain-on-close.ts";
import { probeRoutes } from "./probe-routes.ts";
import { scopePrefix } from "./scope-prefix.ts";

/** Options of {@link healthEndpoints}. */
export interface HealthPluginOptions extends EndpointOptions {
  /**
   * Milliseconds for which closing the application still serves requests after it has made readiness fail; default 0.
   * `false` where health outlives the application: closing it then changes nothing of health.
   */
  readonly drainDelayMs?: number | false;
}

/**
 * Answers probes in a Fastify application: `app.register(healthEndpoints(health))`, below the prefix of the scope that
 * it is registered in. Closing the application drains health first, and stops it. Bad options fail the registration.
 */
export function healthEndpoints(
  health: Pick<Health, "endpoints" | "drain" | "stop" | "snapshot">,
  options: HealthPluginOptions = {},
): FastifyPluginAsync {
  const { drainDelayMs, prefix = "", ...own } = options;
  const delayMs = readDrainDelay(drainDelayMs);
  return async (instance) => {
    const scope = scopePrefix(instance.prefix);
    // What is no string is left for the health object to complain about.
    const whole = typeof prefix === "string" ? scope + prefix : prefix;
    const endpoints = health.endpoints({ ...own, ...(whole !== "" && { prefix: whole }) });
    // On the server itself: no hook of the application, no line of its log and no span knows of a probe.
    const detach = attachHealth(instance.server, { endpoints: () => endpoints });
    instance.addHook("onClose", async () => detach());
    probeRoutes(instance, endpoints, scope);
    if (delayMs !== false) drainOnClose(instance, health, delayMs);
  };
}
