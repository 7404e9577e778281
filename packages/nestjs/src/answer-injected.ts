import type { IncomingMessage, ServerResponse } from "node:http";
import { type Endpoints, healthMiddleware } from "@otel-health/http";

/** The parts of a Fastify application that matter here. */
interface FastifyLike {
  addHook(
    event: "onRequest",
    hook: (
      request: { readonly raw: IncomingMessage },
      reply: { readonly raw: ServerResponse; hijack(): unknown },
      done: () => void,
    ) => void,
  ): unknown;
}

/**
 * Answers the probes that reach Fastify's router past the server: those of `app.inject()`, and of the second server that
 * Fastify opens for "localhost".
 */
export function answerInjected(fastify: FastifyLike, endpoints: Endpoints): void {
  const answer = healthMiddleware({ endpoints: () => endpoints });
  fastify.addHook("onRequest", ({ raw }, reply, done) => {
    if (!endpoints.matches(raw)) {
      done();
      return;
    }
    reply.hijack();
    answer(raw, reply.raw);
  });
}
