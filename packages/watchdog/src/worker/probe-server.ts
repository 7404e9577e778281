import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { HealthResponse } from "@otel-health/core/worker";

/** Events by which a server hands over a request, those that expect something of it first among them. */
const requestEvents = ["request", "checkContinue", "checkExpectation"];

/** A server that answers everything with what `answer` says, within the limits that `listenHealth` has. */
export function createProbeServer(answer: (request: IncomingMessage) => HealthResponse): Server {
  // An ES import of node:http loads undici with it: five times the time and memory.
  const server = process.getBuiltinModule("node:http").createServer({
    optimizeEmptyRequests: true,
    // A probe is one small request: whoever takes longer or sends more is not probing.
    headersTimeout: 5_000,
    requestTimeout: 5_000,
    maxHeaderSize: 8_192,
    connectionsCheckingInterval: 1_000,
    // Longer than the usual probe interval of ten seconds, so that a prober that keeps its connection can.
    keepAliveTimeout: 15_000,
  });
  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    const { status, rawHeaders, body } = answer(request);
    response.writeHead(status, rawHeaders);
    response.end(body);
  };
  for (const event of requestEvents) server.on(event, onRequest);
  return server;
}
