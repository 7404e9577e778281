import { type EndpointOptions, type Health, healthMiddleware } from "@otel-health/http";
import type { Middleware } from "koa";

/**
 * Answers probes in a Koa application: `app.use(healthEndpoints(health))`, before whatever authenticates, parses or
 * limits. Mounted under a path by koa-mount, the probes are below it.
 */
export function healthEndpoints(health: Pick<Health, "endpoints">, options: EndpointOptions = {}): Middleware {
  const answer = healthMiddleware(health, options);
  // The name is what the instrumentation of Koa calls it in its spans.
  const answerProbe: Middleware = (context, next) => {
    let passedOn: Promise<unknown> | undefined;
    answer(context.req, context.res, () => {
      passedOn = next();
    });
    if (passedOn !== undefined) return passedOn;
    // What is written is the whole answer, whatever middleware before this one makes of the context.
    context.respond = false;
    // While `authorize` has not answered, that middleware could still change the headers.
    return context.headerSent ? undefined : closed(context.res);
  };
  return answerProbe;
}

function closed(response: NodeJS.EventEmitter): Promise<unknown> {
  return new Promise((resolve) => response.once("close", resolve));
}
