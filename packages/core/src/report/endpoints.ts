import { HealthError } from "../health-error.ts";
import { OptionReader, show } from "../option-reader.ts";
import { type ProbeName, probeNames } from "../verdict/probe.ts";
import { type HealthResponse, jsonResponse, withoutBody } from "./render.ts";
import type { Rendering } from "./renderings.ts";
import { type Detail, details } from "./report.ts";

/** Where and how fully the probes are answered. */
export interface EndpointOptions {
  /**
   * Paths by probe, instead of the defaults: startup `/startupz`, readiness `/readyz` and `/ready`, serving `/servez`,
   * liveness `/livez` and `/healthz`. An empty array leaves a probe out.
   */
  readonly paths?: { readonly [P in ProbeName]?: readonly string[] };
  /** Put before every path, for example `/internal`; default none. */
  readonly prefix?: string;
  /** How much to tell, for all probes or by probe; default `summary`. `full` shows reasons: not for a public port. */
  readonly detail?: Detail | { readonly [P in ProbeName]?: Detail };
}

/** The parts of a request that matter here; a `node:http` message has them. */
export interface HealthRequest {
  readonly method?: string | undefined;
  /** Path and query. */
  readonly url?: string | undefined;
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
  rendering(probe: ProbeName, detail: Detail): Rendering;
  /** The counts of a probe: one object for all endpoints. */
  readonly counts: { readonly [P in ProbeName]: RequestCounts };
}

interface Route {
  readonly probe: ProbeName;
  readonly detail: Detail;
  readonly counts: RequestCounts;
  rendering: Rendering | undefined;
}

const defaultPaths: { readonly [P in ProbeName]: readonly string[] } = {
  startup: ["/startupz"],
  readiness: ["/readyz", "/ready"],
  serving: ["/servez"],
  liveness: ["/livez", "/healthz"],
};

const notAllowed = jsonResponse(405, '{"error":"a probe answers GET and HEAD"}', ["Allow", "GET, HEAD"]);

/** Validates the options and makes the endpoints. Throws `HealthError`. */
export function createEndpoints(options: EndpointOptions, parts: EndpointParts): Endpoints {
  const routes = readRoutes(options, parts);
  const find = (url: string | undefined) =>
    url === undefined ? undefined : (routes.get(url) ?? routes.get(pathOf(url)));
  return {
    respond({ method, url }) {
      const route = find(url);
      if (route === undefined) return undefined;
      if (method !== "GET" && method !== "HEAD") {
        count(route.counts, 405);
        return notAllowed;
      }
      route.rendering ??= parts.rendering(route.probe, route.detail);
      const response = method === "GET" ? route.rendering.get : route.rendering.head;
      count(route.counts, response.status);
      return response;
    },
    matches: ({ url }) => find(url) !== undefined,
  };
}

/** An answer for what is not a probe, for servers that serve nothing else. */
export const notFound: { readonly GET: HealthResponse; readonly HEAD: HealthResponse } = (() => {
  const GET = jsonResponse(404, '{"error":"not a health endpoint"}');
  return { GET, HEAD: withoutBody(GET) };
})();

function count(counts: RequestCounts, status: number): void {
  counts[status] = (counts[status] ?? 0) + 1;
}

/** The path without query, fragment and trailing slash; of an absolute URL, its path. */
function pathOf(url: string): string {
  let path = url;
  const end = path.search(/[?#]/);
  if (end >= 0) path = path.slice(0, end);
  const scheme = path.startsWith("/") ? -1 : path.indexOf("://");
  if (scheme > 0) {
    const slash = path.indexOf("/", scheme + 3);
    path = slash < 0 ? "/" : path.slice(slash);
  }
  return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
}

function readRoutes(options: EndpointOptions, parts: EndpointParts): Map<string, Route> {
  const reader = new OptionReader("endpoints", options);
  const prefix = reader.string("prefix") ?? "";
  if (prefix !== "" && !/^(?:\/[^/?#\s]+)+$/.test(prefix))
    reader.fail("prefix", 'a path such as "/internal", without a slash at its end', prefix);
  const paths = new OptionReader("paths of endpoints", reader.section("paths"));
  const detailOf = readDetail(reader);
  reader.done();
  const routes = new Map<string, Route>();
  for (const probe of probeNames) {
    const route: Route = { probe, detail: detailOf(probe), counts: parts.counts[probe], rendering: undefined };
    for (const path of paths.array(probe) ?? defaultPaths[probe]) {
      if (typeof path !== "string" || !/^(?:\/[^/?#\s]+)+$/.test(path)) {
        paths.fail(probe, 'an array of paths such as "/readyz", without a slash at their end', path);
      }
      const taken = routes.get(prefix + path);
      if (taken !== undefined) {
        throw new HealthError(
          "contradictory_options",
          taken === route
            ? `endpoints: the path ${show(path)} is given to ${probe} twice; leave one out`
            : `endpoints: the path ${show(path)} is given to ${taken.probe} and to ${probe}; give each probe its own`,
        );
      }
      routes.set(prefix + path, route);
    }
  }
  paths.done();
  return routes;
}

function readDetail(reader: OptionReader): (probe: ProbeName) => Detail {
  const given = reader.unchecked("detail");
  if (typeof given !== "object" || given === null) {
    const detail = reader.oneOf("detail", details, "summary");
    return () => detail;
  }
  const byProbe = new OptionReader("detail of endpoints", given);
  const detail = new Map(probeNames.map((probe) => [probe, byProbe.oneOf(probe, details, "summary")]));
  byProbe.done();
  return (probe) => detail.get(probe) ?? "summary";
}
