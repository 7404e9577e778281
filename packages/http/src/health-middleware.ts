import type { IncomingMessage, ServerResponse } from "node:http";
import type { EndpointOptions, Health } from "@otel-health/core";
import { answer, answerNotFound } from "./answer.ts";

/** Middleware as connect, Express and their like take it; also a request listener of its own. */
export type HealthMiddleware = (request: IncomingMessage, response: ServerResponse, next?: () => void) => void;

/** Answers probes and passes on everything else; without `next`, everything else is answered with 404. */
export function healthMiddleware(health: Pick<Health, "endpoints">, options: EndpointOptions = {}): HealthMiddleware {
  const endpoints = health.endpoints(options);
  // The name is what a framework's instrumentation calls it in its spans.
  const answerProbe: HealthMiddleware = (request, response, next) => {
    if (answer(endpoints, request, response)) return;
    if (next === undefined) answerNotFound(request, response);
    else next();
  };
  return answerProbe;
}
