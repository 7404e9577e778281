import type { IncomingMessage, ServerResponse } from "node:http";
import { type Endpoints, type HealthResponse, notFound, untraced } from "@otel-health/core";

/** Answers a probe; false where the request is for something else, or someone else has answered it. */
export function answer(endpoints: Endpoints, request: IncomingMessage, response: ServerResponse): boolean {
  if (response.headersSent) return false;
  const answered = endpoints.respond(request);
  if (answered === undefined) return false;
  const { authorized } = answered;
  if (authorized === undefined) untraced(write, response, answered);
  // It never rejects. Meanwhile the server may have given the caller up.
  else void authorized.then((allowed) => response.headersSent || untraced(write, response, allowed));
  return true;
}

/** Answers what is not a probe, where nobody else would. */
export function answerNotFound({ method }: IncomingMessage, response: ServerResponse): void {
  if (!response.headersSent) write(response, method === "HEAD" ? notFound.HEAD : notFound.GET);
}

/**
 * A string body and flat headers are what node:http sends with the least work. Called untraced: whatever other
 * middleware does when the response ends, it makes no spans for a probe.
 */
function write(response: ServerResponse, { status, headers, rawHeaders, body }: HealthResponse): void {
  // Middleware that puts its own writeHead in front (on-headers 1.0 does) may misread flat headers.
  response.writeHead(status, Object.hasOwn(response, "writeHead") ? headers : rawHeaders);
  response.end(body);
}
