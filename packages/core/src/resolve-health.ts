import type { Checks } from "./check/handle.ts";
import type { Clock } from "./clock.ts";
import { HealthError } from "./health-error.ts";
import { type ResolvedTask, resolveStartup } from "./lifecycle/startup-options.ts";
import { isRecord, OptionReader } from "./option-reader.ts";
import type { EndpointOptions } from "./report/endpoints.ts";
import { readClock } from "./resolve-clock.ts";
import { type ResolvedGroup, type ResolvedProbe, resolveGroups, resolveProbes } from "./resolve-probes.ts";
import type { ServiceInfo } from "./snapshot/health-snapshot.ts";

/** The options of a health object, validated and defaulted; the checks are validated one by one as they are added. */
export interface ResolvedHealth {
  readonly service: ServiceInfo | undefined;
  readonly checks: Checks;
  readonly startup: readonly ResolvedTask[];
  /** The four probes, then the groups. */
  readonly probes: readonly ResolvedProbe[];
  readonly groups: ReadonlyMap<string, ResolvedGroup>;
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
  const probes = resolveProbes(reader.section("probes"), checks);
  const grouped = resolveGroups(reader.section("groups"), checks);
  const resolved: ResolvedHealth = {
    service: readService(reader.unchecked("service")),
    checks,
    startup,
    probes: [...probes, ...grouped.probes],
    groups: grouped.groups,
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
