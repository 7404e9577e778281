import { checkName } from "./check/check-name.ts";
import type { Checks } from "./check/handle.ts";
import type { GroupOptions, ProbeOptions } from "./health.ts";
import { HealthError } from "./health-error.ts";
import { OptionReader, show } from "./option-reader.ts";
import { type Detail, details } from "./report/report.ts";
import { readPath } from "./report/routes.ts";
import { readStatusCodes, type StatusCodes } from "./report/status-codes.ts";
import { type AnyProbe, type ProbeName, probeNames } from "./verdict/probe.ts";
import type { JudgedProbe } from "./verdict/verdicts.ts";
import { type Aggregate, aggregatorOf, verdictStatuses } from "./verdict/votes.ts";

/** A probe or a group, validated and defaulted. */
export interface ResolvedProbe extends JudgedProbe {
  /** Its checks, where it names them. */
  readonly members: readonly string[] | undefined;
}

/** How a group is served unless the endpoints say otherwise. */
export interface ResolvedGroup {
  readonly path: string;
  readonly detail: Detail | undefined;
  readonly statusCodes: StatusCodes | undefined;
}

/** Names that a group may not have: they are probes, or keys beside which the options of groups stand. */
const reserved: readonly string[] = [...probeNames, ...verdictStatuses];

/** Validates the options of the four probes. Throws `HealthError`. */
export function resolveProbes(given: unknown, checks: Checks): readonly ResolvedProbe[] {
  const reader = new OptionReader("probes", given);
  const probes = probeNames.map((name) => {
    const where = `probe "${name}"`;
    const own = new OptionReader(where, reader.section(name));
    const probe = readProbe(own, where, name, checks);
    own.done();
    return probe;
  });
  reader.done();
  return probes;
}

/** Validates the groups. Throws `HealthError`. */
export function resolveGroups(
  given: unknown,
  checks: Checks,
): { readonly probes: readonly ResolvedProbe[]; readonly groups: ReadonlyMap<string, ResolvedGroup> } {
  const all = new OptionReader("groups", given);
  const probes: ResolvedProbe[] = [];
  const groups = new Map<string, ResolvedGroup>();
  for (const name of Object.keys(given as object)) {
    if (reserved.includes(checkName(name, "group")))
      throw new HealthError(
        "invalid_name",
        `a group cannot be named "${name}", which has a meaning of its own; rename it`,
      );
    const where = `group "${name}"`;
    const reader = new OptionReader(where, all.section(name));
    const probe = readProbe(reader, where, name, checks);
    if (probe.members === undefined || probe.members.length === 0)
      reader.fail(
        "checks",
        "an array of at least one check",
        probe.members,
        "name the checks that the group stands for",
      );
    probes.push(probe);
    groups.set(name, {
      path: readGroupPath(reader, name),
      detail: reader.unchecked("detail") === undefined ? undefined : reader.oneOf("detail", details),
      statusCodes: readStatusCodes(reader, where),
    });
    reader.done();
  }
  return { probes, groups };
}

/** The probes and groups of a check, once those that name their checks have had their say. */
export function probesOf(
  name: string,
  own: readonly ProbeName[],
  probes: readonly ResolvedProbe[],
): readonly AnyProbe[] {
  return probes
    .filter((probe) => probe.members?.includes(name) ?? (own as readonly AnyProbe[]).includes(probe.name))
    .map((probe) => probe.name);
}

function readProbe(reader: OptionReader, where: string, name: AnyProbe, checks: Checks): ResolvedProbe {
  const names = reader.array("checks") as GroupOptions["checks"] | undefined;
  for (const check of names ?? []) {
    if (typeof check === "string" && Object.hasOwn(checks, check)) continue;
    const known = Object.keys(checks).join(", ") || "none";
    throw new HealthError(
      "unknown_check",
      `${where} names the check ${show(check)}, which does not exist; the checks are: ${known}`,
    );
  }
  const aggregate = readAggregate(reader);
  if (name === "startup" && aggregate !== undefined)
    reader.contradiction("startup waits for all of its checks and tasks; leave aggregate out");
  const needed = typeof aggregate === "object" ? aggregate.quorum : 0;
  const members = names && [...new Set(names)];
  if (members !== undefined && needed > members.length) {
    reader.contradiction(`a quorum of ${needed} cannot be reached with ${members.length} checks; lower it`);
  }
  return { name, aggregator: aggregatorOf(aggregate ?? "critical"), members };
}

function readGroupPath(reader: OptionReader, name: string): string {
  const given = reader.unchecked("path");
  if (given === undefined) return `/groupz/${name}`;
  return readPath(reader, "path", given, 'a path such as "/groupz/payments", without a slash at its end');
}

function readAggregate(reader: OptionReader): Aggregate | undefined {
  const given = reader.unchecked("aggregate");
  if (given === undefined || given === "critical" || given === "any" || typeof given === "function")
    return given as ProbeOptions["aggregate"];
  if (typeof given !== "object" || given === null)
    reader.fail("aggregate", '"critical", "any", { quorum: n } or a function', given);
  const rule = new OptionReader("aggregate", given);
  const quorum = rule.number("quorum", { min: 1, integer: true });
  rule.done();
  return { quorum };
}
