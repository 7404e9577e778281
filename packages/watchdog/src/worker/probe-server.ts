import type { IncomingMessage, Server } from "node:http";
import type { HealthResponse } from "@otel-health/core/worker";

/** A server that answers everything with what `answer` says, within the limits that `listenHealth` has. */
export function createProbeServer(answer: (request: IncomingMessage) => HealthResponse): Server {
  // An ES import of node:http loads undici with it: five times the time and memory.
  return process.getBuiltinModule("node:http").createServer(
    {
      optimizeEmptyRequests: true,
      // A probe is one small request: whoever takes longer or sends more is not probing.
      headersTimeout: 5_000,
      requestTimeout: 5_000,
      maxHeaderSize: 8_192,
      connectionsCheckingInterval: 1_000,
      // Longer than the usual probe interval of ten seconds, so that a prober that keeps its connection can.
      keepAliveTimeout: 15_000,
    },
    (request, response) => {
      const { status, rawHeaders, body } = answer(request);
      response.writeHead(status, rawHeaders);
      response.end(body);
    },
  );
}
