import { type EndpointOptions, type FetchedRequest, type Health, healthFetch } from "@otel-health/http";
import type { Context, MiddlewareHandler } from "hono";

/**
 * Answers probes in a Hono application: `app.use(healthEndpoints(health))`, before whatever authenticates, logs or
 * compresses. In an application that is routed under a path, or used for `/internal/*`, the probes are below that path.
 */
export function healthEndpoints(health: Pick<Health, "endpoints">, options: EndpointOptions = {}): MiddlewareHandler {
  const answer = healthFetch(health, options);
  // Hono sends what it has at once with a tenth less work than what it is promised, which its type leaves out.
  return ((context, next) => answer(requestOf(context), next)) as MiddlewareHandler;
}

/** Hono leaves the URL as it is: what the pattern of the route has before its last `*` is where this is mounted. */
function requestOf({ req }: Context): FetchedRequest {
  const { raw, routePath, path, method } = req;
  const folders = routePath.endsWith("/*") ? routePath.split("/").length - 2 : 0;
  if (folders === 0) return raw;
  const below = path.split("/").slice(folders + 1);
  const query = raw.url.indexOf("?");
  const url = `/${below.join("/")}${query < 0 ? "" : raw.url.slice(query)}`;
  return {
    method,
    url,
    get headers() {
      return raw.headers;
    },
  };
}
