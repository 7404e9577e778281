import { type EndpointOptions, type Health, healthMiddleware } from "@otel-health/http";
import type { RequestHandler } from "express";

/**
 * Answers probes in an Express application: `app.use(healthEndpoints(health))`, before whatever authenticates, parses
 * or limits. Mounted under a path, the probes are below it.
 */
export function healthEndpoints(health: Pick<Health, "endpoints">, options: EndpointOptions = {}): RequestHandler {
  return healthMiddleware(health, options);
}
