import type { Checks } from "./check/handle.ts";
import type { Clock } from "./clock.ts";
import type { ProbeOptions } from "./health.ts";
import { HealthError } from "./health-error.ts";
import { type ResolvedTask, resolveStartup } from "./lifecycle/startup-options.ts";
import { isRecord, OptionReader, show } from "./option-reader.ts";
import type { EndpointOptions } from "./report/endpoints.ts";
import { readClock } from "./resolve-clock.ts";
import type { ServiceInfo } from "./snapshot/health-snapshot.ts";
import { type ProbeName, probeNames } from "./verdict/probe.ts";
import { byProbe } from "./verdict/verdicts.ts";
import { type Aggregate, type Aggregator, aggregatorOf } from "./verdict/votes.ts";

/** The options of a health object, validated and defaulted; the checks are validated one by one as they are added. */
export interface ResolvedHealth {
  readonly service: ServiceInfo | undefined;
  readonly checks: Checks;
  readonly startup: readonly ResolvedTask[];
  readonly aggregators: { readonly [P in ProbeName]: Aggregator };
  /** The checks of a probe, where the probe names them. */
  readonly members: { readonly [P in ProbeName]: readonly string[] | undefined };
  readonly endpoints: EndpointOptions;
  readonly concurrency: number;
  readonly warmUpMs: number;
  readonly maxCheckNames: number;
  readonly clock: Clock;
}

/** Validates and defaults everything that does not belong to one check. Throws `HealthError`. */
export function resolveHealth(options: unknown): ResolvedHealth {
  const reader = new OptionReader("createHealth()", options);
  const checks = reader.section("checks") as Checks;
  if (!isRecord(checks)) reader.fail("checks", "an object of checks by name", checks);
  const startup = resolveStartup(reader.section("startup"));
  for (const { name } of startup) {
    if (Object.hasOwn(checks, name)) {
      throw new HealthError(
        "duplicate_name",
        `"${name}" names a check and a startup task, which one report could not tell apart; rename one`,
      );
    }
  }
  const probes = readProbes(reader.section("probes"), checks);
  const resolved: ResolvedHealth = {
    service: readService(reader.unchecked("service")),
    checks,
    startup,
    aggregators: byProbe((probe) => aggregatorOf(probes[probe].aggregate ?? "critical")),
    members: byProbe((probe) => probes[probe].checks),
    endpoints: reader.section("endpoints") as EndpointOptions,
    concurrency: reader.number("concurrency", { min: 1, integer: true, fallback: 16 }),
    warmUpMs: reader.number("warmUpMs", { min: 0, fallback: 0, unit: "milliseconds" }),
    maxCheckNames: reader.number("maxCheckNames", { min: 1, integer: true, fallback: 1_000 }),
    clock: readClock(reader),
  };
  reader.done();
  return resolved;
}

function readService(given: unknown): ServiceInfo | undefined {
  if (given === undefined) return undefined;
  const reader = new OptionReader("service", given);
  const name = reader.string("name");
  if (name === undefined)
    reader.fail("name", "a non-empty string", undefined, "name the service as its telemetry does");
  const optional = (key: "version" | "instance" | "commit" | "builtAt") => {
    const value = reader.string(key);
    return value === undefined ? {} : { [key]: value };
  };
  const service = {
    name: name as string,
    ...optional("version"),
    ...optional("instance"),
    ...optional("commit"),
    ...optional("builtAt"),
  };
  reader.done();
  return Object.freeze(service);
}

function readProbes(given: unknown, checks: Checks): { readonly [P in ProbeName]: ProbeOptions } {
  const reader = new OptionReader("probes", given);
  const probes = byProbe((probe) => readProbe(probe, reader.unchecked(probe), checks));
  reader.done();
  return probes;
}

function readProbe(probe: ProbeName, given: unknown, checks: Checks): ProbeOptions {
  if (given === undefined) return {};
  const where = `probe "${probe}"`;
  const reader = new OptionReader(where, given);
  const names = reader.array("checks") as readonly string[] | undefined;
  for (const name of names ?? []) {
    if (typeof name === "string" && Object.hasOwn(checks, name)) continue;
    const known = Object.keys(checks).join(", ") || "none";
    throw new HealthError(
      "unknown_check",
      `${where} names the check ${show(name)}, which does not exist; the checks are: ${known}`,
    );
  }
  const aggregate = readAggregate(reader);
  reader.done();
  if (probe === "startup" && aggregate !== undefined)
    reader.contradiction("startup waits for all of its checks and tasks; leave aggregate out");
  const needed = typeof aggregate === "object" ? aggregate.quorum : 0;
  const members = new Set(names).size;
  if (names !== undefined && needed > members) {
    reader.contradiction(`a quorum of ${needed} cannot be reached with ${members} checks; lower it`);
  }
  return { ...(names && { checks: names }), ...(aggregate && { aggregate }) };
}

function readAggregate(reader: OptionReader): Aggregate | undefined {
  const given = reader.unchecked("aggregate");
  if (given === undefined || given === "critical" || given === "any" || typeof given === "function")
    return given as Aggregate | undefined;
  if (typeof given !== "object" || given === null)
    reader.fail("aggregate", '"critical", "any", { quorum: n } or a function', given);
  const rule = new OptionReader("aggregate", given);
  const quorum = rule.number("quorum", { min: 1, integer: true });
  rule.done();
  return { quorum };
}

/** The probes of a check, once the probes that name their checks have had their say. */
export function probesOf(
  name: string,
  own: readonly ProbeName[],
  members: ResolvedHealth["members"],
): readonly ProbeName[] {
  return probeNames.filter((probe) => members[probe]?.includes(name) ?? own.includes(probe));
}
