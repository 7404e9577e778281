import type { Clock } from "../clock.ts";
import { OptionReader } from "../option-reader.ts";
import type { ResolvedGroup } from "../resolve-probes.ts";
import type { ByProbe } from "../verdict/probe.ts";
import { formatOf } from "./accept.ts";
import { type AnswerSource, Answers, count, type RequestCounts, type ServedRoute } from "./answers.ts";
import { type Authorize, Authorizer } from "./authorizer.ts";
import { type Format, formats } from "./format.ts";
import { type Located, locate } from "./locate.ts";
import { readQuestion } from "./question.ts";
import type { RenderedAnswer } from "./rendered-answer.ts";
import type { Rendering } from "./renderings.ts";
import type { Detail } from "./report.ts";
import type { HealthResponse } from "./response.ts";
import { type Route, readRoutes } from "./routes.ts";
import type { StatusCodes } from "./status-codes.ts";
import { notAllowed } from "./unserved.ts";

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
  /** Every path that is answered, with its prefix; below each of them, the name of a check is answered too. */
  readonly paths: readonly string[];
  /** The answer, or undefined where the request is not for a probe. Never throws. */
  respond(request: HealthRequest): HealthResponse | undefined;
  /** Whether the request is for a probe, whatever its method. */
  matches(request: HealthRequest): boolean;
  /**
   * Every plain answer as it is now, in each format: for whoever serves them from elsewhere, such as a worker thread.
   * Rendered by the call, which costs the more the more checks there are.
   */
  render(): readonly RenderedAnswer[];
  /** Tells the health object that nobody asks here any more: `isHealthRequest` forgets them. */
  close(): void;
}

/** What endpoints take from the health object. */
export interface EndpointParts extends AnswerSource {
  readonly clock: Clock;
  readonly groups: ReadonlyMap<string, ResolvedGroup>;
  /** The counts of a probe: one object for all endpoints. */
  readonly counts: ByProbe<RequestCounts>;
}

/** Validates the options and makes the endpoints, which are in `open` until they are closed. Throws `HealthError`. */
export function createEndpoints(options: EndpointOptions, parts: EndpointParts, open: Set<Endpoints>): Endpoints {
  const { routes, authorizer, reasonHeader } = readOptions(options, parts);
  const answers = new Answers(parts, reasonHeader);

  const particular = (request: HealthRequest, located: Located<ServedRoute>, format: Format): HealthResponse => {
    const { route } = located;
    const question = readQuestion(located.query);
    const find = (detail: Detail) => answerTo(request, answers.particular(located, question, format, detail));
    const asks = question.verbose && route.detail !== "full";
    const allowed = asks ? (authorizer?.allows(request) ?? false) : false;
    if (typeof allowed === "boolean") return counted(route, find(allowed ? "full" : route.detail));
    const authorized = allowed.then((yes) => counted(route, find(yes ? "full" : route.detail)));
    return { ...find(route.detail), authorized };
  };

  const endpoints: Endpoints = {
    paths: [...routes.keys()],
    respond(request) {
      const { method, url } = request;
      if (url === undefined) return undefined;
      const route = routes.get(url);
      const located = route === undefined ? locate(routes, url) : undefined;
      const found = route ?? located?.route;
      if (found === undefined) return undefined;
      if (method !== "GET" && method !== "HEAD") return counted(found, notAllowed);
      const format = formatOf(request.headers?.["accept"]);
      if (located !== undefined) return particular(request, located, format);
      return counted(found, answerTo(request, answers.plain(found, format)));
    },
    matches: ({ url }) => url !== undefined && (routes.has(url) || locate(routes, url) !== undefined),
    render: () =>
      byRoute(routes).flatMap(({ route, paths }) =>
        formats.map((format) => {
          const { probe, statusCodes } = route;
          return { paths, probe, format, statusCodes, ...answers.now(route, format) };
        }),
      ),
    close: () => void open.delete(endpoints),
  };
  open.add(endpoints);
  return endpoints;
}

/** Each route once, with the paths that lead there. */
function byRoute(routes: ReadonlyMap<string, ServedRoute>) {
  const paths = new Map<ServedRoute, string[]>();
  for (const [path, route] of routes) paths.set(route, [...(paths.get(route) ?? []), path]);
  return Array.from(paths, ([route, paths]) => ({ route, paths }));
}

function answerTo({ method }: HealthRequest, { get, head }: Rendering): HealthResponse {
  return method === "GET" ? get : head;
}

function counted({ counts }: ServedRoute, response: HealthResponse): HealthResponse {
  count(counts, response.status);
  return response;
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
  const served = new Map<Route, ServedRoute>();
  const routes = new Map<string, ServedRoute>();
  for (const [path, route] of read) {
    const serving = served.get(route) ?? { ...route, counts: counts[route.probe] ?? {}, renderings: {} };
    served.set(route, serving);
    routes.set(path, serving);
  }
  const authorizer = authorize && new Authorizer(authorize, authorizeTimeoutMs, clock);
  return { routes, authorizer, reasonHeader };
}
