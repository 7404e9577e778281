import type { Clock } from "../clock.ts";
import { OptionReader } from "../option-reader.ts";
import type { ResolvedGroup } from "../resolve-probes.ts";
import type { ByProbe } from "../verdict/probe.ts";
import { formatOf } from "./accept.ts";
import type { Asked } from "./asked.ts";
import { type Authorize, Authorizer } from "./authorizer.ts";
import type { Format } from "./format.ts";
import { type Question, readQuestion } from "./question.ts";
import type { Rendering } from "./renderings.ts";
import type { Detail } from "./report.ts";
import { errorResponse, type HealthResponse, withoutBody } from "./response.ts";
import { type Located, locate, type Route, readRoutes } from "./routes.ts";
import type { StatusCodes } from "./status-codes.ts";

/** Where and how fully the probes are answered. */
export interface EndpointOptions {
  /**
   * Paths by probe, instead of the defaults: startup `/startupz`, readiness `/readyz` and `/ready`, serving `/servez`,
   * liveness `/livez` and `/healthz`, a group its own. An empty array leaves a probe out. Below each path, the name of
   * a check asks for that check alone.
   */
  readonly paths?: Partial<ByProbe<readonly string[]>>;
  /** Put before every path, for example `/internal`; default none. */
  readonly prefix?: string;
  /** How much to tell, for all probes or by probe; default `summary`. `full` shows reasons: not for a public port. */
  readonly detail?: Detail | Partial<ByProbe<Detail>>;
  /** Whether a caller who asks `?verbose` is shown `full`. Without it, nobody is. */
  readonly authorize?: Authorize;
  /** Milliseconds for an asynchronous `authorize` before the caller is refused; default 1 000. */
  readonly authorizeTimeoutMs?: number;
  /** Status codes of the verdicts, for all probes or by probe; default 200, 200 and 503. */
  readonly statusCodes?: StatusCodes | Partial<ByProbe<StatusCodes>>;
  /** Whether answers carry the summary in `X-Health-Reason` too, for logs and balancers that see no body; default false. */
  readonly reasonHeader?: boolean;
}

/** The parts of a request that matter here; a `node:http` message has them. */
export interface HealthRequest {
  readonly method?: string | undefined;
  /** Path and query. */
  readonly url?: string | undefined;
  /** By names in lower case. */
  readonly headers?: { readonly [name: string]: string | readonly string[] | undefined } | undefined;
}

/** Answers probes. Framework-free and synchronous: an adapter writes down what it returns. */
export interface Endpoints {
  /** The answer, or undefined where the request is not for a probe. Never throws. */
  respond(request: HealthRequest): HealthResponse | undefined;
  /** Whether the request is for a probe, whatever its method. */
  matches(request: HealthRequest): boolean;
}

/** Answers given so far by status code. */
export type RequestCounts = { [status: number]: number };

/** What endpoints take from the health object. */
export interface EndpointParts {
  readonly clock: Clock;
  readonly groups: ReadonlyMap<string, ResolvedGroup>;
  /** The counts of a probe: one object for all endpoints. */
  readonly counts: ByProbe<RequestCounts>;
  /** Kept current. */
  rendering(asked: Asked): Rendering;
  /** Rendered now and then. */
  variant(asked: Asked): Rendering;
}

/** A route with what it needs to answer. */
interface Served extends Route {
  readonly counts: RequestCounts;
  readonly renderings: { [F in Format]?: Rendering };
}

const notAllowed = errorResponse(405, "a probe answers GET and HEAD", ["Allow", "GET, HEAD"]);

/** An answer for what is not a probe, for servers that serve nothing else. */
export const notFound: { readonly GET: HealthResponse; readonly HEAD: HealthResponse } = (() => {
  const GET = errorResponse(404, "not a health endpoint");
  return { GET, HEAD: withoutBody(GET) };
})();

/** Validates the options and makes the endpoints. Throws `HealthError`. */
export function createEndpoints(options: EndpointOptions, parts: EndpointParts): Endpoints {
  const { routes, authorizer, reasonHeader } = readOptions(options, parts);

  /** What the route's path alone asks for: the commonest case, which only picks a rendering up. */
  const plain = (route: Served, method: string, format: Format): HealthResponse => {
    const { renderings } = route;
    renderings[format] ??= parts.rendering(asked(route, format, route.detail));
    const rendering = renderings[format] as Rendering;
    return method === "GET" ? rendering.get : rendering.head;
  };
  const asked = ({ probe, statusCodes }: Route, format: Format, detail: Detail): Asked => ({
    probe,
    detail,
    format,
    statusCodes,
    reasonHeader,
  });
  /** The answer to a query, or to the path of one check. */
  const particular = (
    { route, check }: Located<Served>,
    { exclude }: Question,
    method: string,
    format: Format,
    detail: Detail,
  ): HealthResponse => {
    // Where no check is told of, none can be asked for.
    if (detail === "status") return check === undefined ? plain(route, method, format) : notFoundFor(method);
    if (check === undefined && exclude.length === 0 && detail === route.detail) return plain(route, method, format);
    const part = check !== undefined ? { check } : exclude.length > 0 ? { exclude } : {};
    const { get, head } = parts.variant({ ...asked(route, format, detail), ...part });
    return method === "GET" ? get : head;
  };
  const questioned = (request: HealthRequest, located: Located<Served>, method: string, format: Format) => {
    const { route } = located;
    const question = readQuestion(located.query);
    const answer = (detail: Detail) => particular(located, question, method, format, detail);
    const allowed = question.verbose && route.detail !== "full" ? (authorizer?.allows(request) ?? false) : false;
    if (typeof allowed === "boolean") return counted(route, answer(allowed ? "full" : route.detail));
    const authorized = allowed.then((yes) => counted(route, answer(yes ? "full" : route.detail)));
    return { ...answer(route.detail), authorized };
  };

  return {
    respond(request) {
      const { method, url } = request;
      if (url === undefined) return undefined;
      const route = routes.get(url);
      const located = route === undefined ? locate(routes, url) : undefined;
      const found = route ?? located?.route;
      if (found === undefined) return undefined;
      if (method !== "GET" && method !== "HEAD") return counted(found, notAllowed);
      const format = formatOf(request.headers?.["accept"]);
      if (located === undefined) return counted(found, plain(found, method, format));
      return questioned(request, located, method, format);
    },
    matches: ({ url }) => url !== undefined && (routes.has(url) || locate(routes, url) !== undefined),
  };
}

function counted({ counts }: Served, response: HealthResponse): HealthResponse {
  counts[response.status] = (counts[response.status] ?? 0) + 1;
  return response;
}

function notFoundFor(method: string): HealthResponse {
  return method === "GET" ? notFound.GET : notFound.HEAD;
}

function readOptions(options: EndpointOptions, { clock, groups, counts }: EndpointParts) {
  const reader = new OptionReader("endpoints", options);
  const read = readRoutes(reader, groups);
  const authorize = reader.function<Authorize>("authorize");
  const authorizeTimeoutMs = reader.ms("authorizeTimeoutMs", 1_000, 1);
  const reasonHeader = reader.boolean("reasonHeader", false);
  reader.done();
  if (authorize !== undefined && [...read.values()].every(({ detail }) => detail === "full"))
    reader.contradiction(
      'everything is shown to everybody at detail "full", so authorize would guard nothing; set detail to "summary"',
    );
  const served = new Map<Route, Served>();
  const routes = new Map<string, Served>();
  for (const [path, route] of read) {
    const serving = served.get(route) ?? { ...route, counts: counts[route.probe] ?? {}, renderings: {} };
    served.set(route, serving);
    routes.set(path, serving);
  }
  const authorizer = authorize && new Authorizer(authorize, authorizeTimeoutMs, clock);
  return { routes, authorizer, reasonHeader };
}
