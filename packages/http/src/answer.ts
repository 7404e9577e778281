import type { IncomingMessage, ServerResponse } from "node:http";
import { type Endpoints, type HealthResponse, untraced } from "@otel-health/core";

/** Answers a probe; false where the request is for something else, or someone else has answered it. */
export function answer(endpoints: Endpoints, request: IncomingMessage, response: ServerResponse): boolean {
  if (response.headersSent) return false;
  const answered = endpoints.respond(request);
  if (answered === undefined) return false;
  // Whatever other middleware does when the response ends, it makes no spans for a probe.
  untraced(write, response, answered);
  return true;
}

/** Writes an answer: a string body and flat headers are what node:http sends with the least work. */
export function write(response: ServerResponse, { status, rawHeaders, body }: HealthResponse): void {
  response.writeHead(status, rawHeaders);
  response.end(body);
}
