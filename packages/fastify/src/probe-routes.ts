import { type Endpoints, healthMiddleware } from "@otel-health/http";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

/**
 * Routes of the probes, for requests that reach the router past the server: those of `app.inject()`, and of the second
 * server that Fastify opens for "localhost".
 */
export function probeRoutes(instance: FastifyInstance, endpoints: Endpoints, scope: string): void {
  const answer = healthMiddleware({ endpoints: () => endpoints });
  // Before the body is parsed, and past everything that would come after.
  const onRequest = ({ raw }: FastifyRequest, reply: FastifyReply): void => {
    if (!endpoints.matches(raw)) {
      reply.callNotFound();
      return;
    }
    reply.hijack();
    answer(raw, reply.raw);
  };
  // Documentation that is made of routes, such as @fastify/swagger's, leaves these out.
  const schema: object = { hide: true };
  for (const path of endpoints.paths) {
    const url = path.slice(scope.length).replaceAll(":", "::");
    for (const each of [url, `${url}/*`]) instance.all(each, { logLevel: "silent", schema, onRequest }, onRequest);
  }
}
