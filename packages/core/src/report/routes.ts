import { isCheckName } from "../check/check-name.ts";
import { HealthError } from "../health-error.ts";
import { OptionReader, show } from "../option-reader.ts";
import type { ResolvedGroup } from "../resolve-probes.ts";
import { type AnyProbe, type ProbeName, probeNames } from "../verdict/probe.ts";
import { verdictStatuses } from "../verdict/votes.ts";
import { type Detail, details } from "./report.ts";
import { defaultStatusCodes, readStatusCodes, type StatusCodes } from "./status-codes.ts";

/** Where a path leads. */
export interface Route {
  readonly probe: AnyProbe;
  readonly detail: Detail;
  readonly statusCodes: StatusCodes;
}

/** A route with what else stands in a URL. */
export interface Located<R extends Route> {
  readonly route: R;
  /** The last segment, where the route is of what stands before it: the name of a check. */
  readonly check: string | undefined;
  /** What stands behind the `?`. */
  readonly query: string;
}

const defaultPaths: { readonly [P in ProbeName]: readonly string[] } = {
  startup: ["/startupz"],
  readiness: ["/readyz", "/ready"],
  serving: ["/servez"],
  liveness: ["/livez", "/healthz"],
};

const pathShape = /^(?:\/[^/?#\s]+)+$/;

/** A path option, validated. Throws `HealthError`. */
export function readPath(reader: OptionReader, key: string, given: unknown, expected: string): string {
  if (typeof given !== "string" || !pathShape.test(given)) reader.fail(key, expected, given);
  return given as string;
}

/** All paths with where they lead. Throws `HealthError`. */
export function readRoutes(
  reader: OptionReader,
  groups: ReadonlyMap<string, ResolvedGroup>,
): ReadonlyMap<string, Route> {
  const probes: readonly AnyProbe[] = [...probeNames, ...groups.keys()];
  const given = reader.unchecked("prefix");
  const prefix =
    given === undefined
      ? ""
      : readPath(reader, "prefix", given, 'a path such as "/internal", without a slash at its end');
  const paths = new OptionReader("paths of endpoints", reader.section("paths"));
  const detailOf = readDetails(reader, probes);
  const codesOf = readCodes(reader, probes);
  const routes = new Map<string, Route>();
  for (const probe of probes) {
    const group = groups.get(probe);
    const detail = detailOf(probe, group?.detail);
    const statusCodes = codesOf(probe, group?.statusCodes);
    const route: Route = { probe, detail, statusCodes };
    const own = paths.array(probe) ?? (group === undefined ? defaultPaths[probe as ProbeName] : [group.path]);
    for (const path of own) {
      const full =
        prefix + readPath(paths, probe, path, 'an array of paths such as "/readyz", without a slash at their end');
      const taken = routes.get(full);
      if (taken !== undefined) {
        throw new HealthError(
          "contradictory_options",
          taken === route
            ? `endpoints: the path ${show(path)} is given to ${probe} twice; leave one out`
            : `endpoints: the path ${show(path)} is given to ${taken.probe} and to ${probe}; give each probe its own`,
        );
      }
      routes.set(full, route);
    }
  }
  paths.done();
  return routes;
}

/** Finds the route of a URL with a query, a trailing slash or the name of a check; undefined where there is none. */
export function locate<R extends Route>(routes: ReadonlyMap<string, R>, url: string): Located<R> | undefined {
  const { path, query } = split(url);
  const whole = routes.get(path);
  if (whole !== undefined) return { route: whole, check: undefined, query };
  const slash = path.lastIndexOf("/");
  const route = routes.get(path.slice(0, slash));
  const check = path.slice(slash + 1);
  return route === undefined || !isCheckName(check) ? undefined : { route, check, query };
}

/** The path without query, fragment and trailing slash; of an absolute URL, its path. */
function split(url: string): { readonly path: string; readonly query: string } {
  const hash = url.indexOf("#");
  const whole = hash < 0 ? url : url.slice(0, hash);
  const mark = whole.indexOf("?");
  let path = mark < 0 ? whole : whole.slice(0, mark);
  const query = mark < 0 ? "" : whole.slice(mark + 1);
  const scheme = path.startsWith("/") ? -1 : path.indexOf("://");
  if (scheme > 0) {
    const slash = path.indexOf("/", scheme + 3);
    path = slash < 0 ? "/" : path.slice(slash);
  }
  return { path: path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path, query };
}

/** One detail for all, or one by probe: what is said of a probe by name comes first, then its group, then the rest. */
function readDetails(
  reader: OptionReader,
  probes: readonly AnyProbe[],
): (probe: AnyProbe, ofGroup: Detail | undefined) => Detail {
  const given = reader.unchecked("detail");
  if (typeof given !== "object" || given === null) {
    const detail = reader.oneOf("detail", details, "summary");
    return (_, ofGroup) => ofGroup ?? detail;
  }
  const byProbe = new OptionReader("detail of endpoints", given);
  const named = new Map<AnyProbe, Detail>();
  for (const probe of probes) {
    if (byProbe.unchecked(probe) !== undefined) named.set(probe, byProbe.oneOf(probe, details));
  }
  byProbe.done();
  return (probe, ofGroup) => named.get(probe) ?? ofGroup ?? "summary";
}

/** The same for the status codes. */
function readCodes(
  reader: OptionReader,
  probes: readonly AnyProbe[],
): (probe: AnyProbe, ofGroup: StatusCodes | undefined) => StatusCodes {
  const given = reader.section("statusCodes") as object;
  const where = "endpoints";
  if (verdictStatuses.some((verdict) => Object.hasOwn(Object(given), verdict))) {
    const codes = readStatusCodes(reader, where);
    return (_, ofGroup) => ofGroup ?? codes ?? defaultStatusCodes;
  }
  const byProbe = new OptionReader(`statusCodes of ${where}`, given);
  const named = new Map(
    probes.map((probe) => [probe, readStatusCodes(byProbe, `statusCodes of ${where}`, probe)] as const),
  );
  byProbe.done();
  return (probe, ofGroup) => named.get(probe) ?? ofGroup ?? defaultStatusCodes;
}
