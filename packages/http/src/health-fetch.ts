import {
  type EndpointOptions,
  type Health,
  type HealthRequest,
  type HealthResponse,
  notFound,
} from "@otel-health/core";

/** What is read of a `Request`. Its `url` may also be a path alone, and its headers be as `node:http` has them. */
export interface FetchedRequest extends Pick<Request, "method" | "url"> {
  readonly headers: Headers | NonNullable<HealthRequest["headers"]>;
}

/**
 * A handler as servers of `Request` and `Response` take it. What is no probe goes to `next`, if that is a function (the
 * second argument of many servers is something else), and is answered with 404 otherwise.
 */
export interface HealthFetch {
  <R>(request: FetchedRequest, next: () => R): Response | Promise<Response> | R;
  /** The last one, which is what Next.js reads the type of a route's first parameter from. */
  (request: Request, next?: unknown): Response | Promise<Response>;
}

/** Answers probes wherever `Request` and `Response` are spoken: Next.js route handlers, Bun, Deno and their like. */
export function healthFetch(health: Pick<Health, "endpoints">, options: EndpointOptions = {}): HealthFetch {
  const endpoints = health.endpoints(options);
  return (request: FetchedRequest, next?: unknown) => {
    const answered = endpoints.respond(new Fetched(request));
    if (answered !== undefined) return answered.authorized?.then(toResponse) ?? toResponse(answered);
    if (typeof next === "function") return next();
    return toResponse(request.method === "HEAD" ? notFound.HEAD : notFound.GET);
  };
}

/** A `Request` as endpoints read it. */
class Fetched implements HealthRequest {
  readonly method: string;
  readonly url: string;
  readonly #request: FetchedRequest;

  constructor(request: FetchedRequest) {
    const { method, url } = request;
    this.method = method;
    this.url = url.startsWith("/") ? url : url.slice(url.indexOf("/", url.indexOf("://") + 3));
    this.#request = request;
  }

  /** A server may have to make them: they are asked for where a probe is, and all of them where `authorize` may be. */
  get headers(): NonNullable<HealthRequest["headers"]> {
    const { headers } = this.#request;
    if (!isHeaders(headers)) return headers;
    if (this.url.includes("?")) return Object.fromEntries(headers);
    return { accept: headers.get("accept") ?? undefined };
  }
}

/** By what it can do: a bundled or sandboxed server may have a class of its own. */
function isHeaders(headers: FetchedRequest["headers"]): headers is Headers {
  return typeof headers["get"] === "function";
}

/** The answer is its own `ResponseInit`. A body, even an empty one, is refused where the status can have none. */
function toResponse(answer: HealthResponse): Response {
  const { status, body } = answer;
  return new Response(body === "" || status === 204 || status === 205 ? null : body, answer);
}
