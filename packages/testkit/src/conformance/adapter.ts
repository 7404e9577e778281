import type { EndpointOptions, Health } from "@otel-health/core";

/** Endpoints of one health object in an application. */
export interface Mount {
  readonly health: Health;
  readonly options?: EndpointOptions;
  /**
   * The prefix, such as `/internal`, under which the framework itself puts them: a sub-application, a router, a plugin's
   * prefix. Only given to an adapter that `nests`.
   */
  readonly under?: string;
}

/**
 * What the application does to every request, as middleware or a hook, in the place where an application would have it
 * that keeps its probes from it:
 * `refuses`: answers 401; `throws`: throws, so that the framework answers 500; `decorates`: puts `X-App: on` and
 * `ETag: "app"` on every answer, and compresses if the framework can.
 */
export type AppWide = "refuses" | "throws" | "decorates";

/**
 * The application to serve. It has routes of its own: `GET /orders` answers 200 with `["tea"]`, `POST /orders` answers 200
 * with the JSON body that it was sent, read by the framework's own parser, or 400 where it is none; `GET /boom` throws, which the framework answers
 * with 500. Everything else is the framework's own 404. It prints nothing and adds no headers of its own.
 */
export interface Setup {
  /** Just one where the adapter has no application. */
  readonly mounts: readonly [Mount, ...Mount[]];
  /** What is put into the application first: its own routes, or the probes. */
  readonly first: "probes" | "routes";
  /** Only one that the adapter `shieldsFrom`. */
  readonly appWide?: AppWide;
  readonly host: "127.0.0.1" | "::1";
}

/** A server that listens on a free port. */
export interface ConformanceServer extends AsyncDisposable {
  readonly port: number;
}

/** One way to serve probes, and what can be asked of it. */
export interface ConformanceAdapter {
  /** With the release of the framework, where several are run. */
  readonly name: string;
  /** Whether there is an application around the probes. Where there is none, all else gets core's `notFound`. */
  readonly hasApp: boolean;
  /** Whether the framework can put the probes below a prefix, so that `under` is honoured. */
  readonly nests: boolean;
  readonly shieldsFrom: readonly AppWide[];
  /**
   * Whether requests and answers pass through `Request` and `Response`, which normalise URLs, refuse some methods and
   * lose the case and the order of header names. Default false.
   */
  readonly throughFetch?: boolean;
  /**
   * Whether it has the plain answers alone, as a thread has that cannot render: a check by itself is not found, a query is
   * ignored, and nobody is shown more than the summary. Default false.
   */
  readonly plainOnly?: boolean;
  serve(setup: Setup): Promise<ConformanceServer>;
}
