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
