import type { IncomingMessage } from "node:http";
import { type EndpointOptions, type FetchedRequest, type Health, healthFetch } from "@otel-health/http";
import type { Context, MiddlewareHandler } from "hono";

/**
 * Answers probes in a Hono application: `app.use(healthEndpoints(health))`, before whatever authenticates, logs or
 * compresses. In an application that is routed under a path, or used for `/internal/*`, the probes are below that path.
 */
export function healthEndpoints(health: Pick<Health, "endpoints">, options: EndpointOptions = {}): MiddlewareHandler {
  const answer = healthFetch(health, options);
  // Hono sends what it has at once with a tenth less work than what it is promised, which its type leaves out.
  return ((context, next) => answer(new HonoRequest(context), next)) as MiddlewareHandler;
}

/** A request as Hono has it. On Node its headers are there already, where those of a `Request` would have to be made. */
class HonoRequest implements FetchedRequest {
  readonly method: string;
  readonly url: string;
  readonly #context: Context;

  constructor(context: Context) {
    this.method = context.req.method;
    this.url = urlBelow(context);
    this.#context = context;
  }

  get headers(): FetchedRequest["headers"] {
    const { incoming }: { readonly incoming?: IncomingMessage } = this.#context.env ?? {};
    return Array.isArray(incoming?.rawHeaders) ? incoming.headers : this.#context.req.raw.headers;
  }
}

/** Hono leaves the URL as it is: what the pattern of the route has before its last `*` is where this is mounted. */
function urlBelow({ req }: Context): string {
  const { raw, routePath, path } = req;
  const folders = routePath.endsWith("/*") ? routePath.split("/").length - 2 : 0;
  if (folders === 0) return raw.url;
  const query = raw.url.indexOf("?");
  return `/${path
    .split("/")
    .slice(folders + 1)
    .join("/")}${query < 0 ? "" : raw.url.slice(query)}`;
}
