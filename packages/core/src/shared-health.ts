import type { Checks } from "./check/handle.ts";
import { createHealth } from "./create-health.ts";
import type { Health, HealthOptions } from "./health.ts";
import { HealthError } from "./health-error.ts";
import { OptionReader } from "./option-reader.ts";
import { version } from "./version.ts";

/** A health object with the version of the copy of this package that made it. */
interface Shared {
  readonly version: string;
  readonly health: Health;
}

/** Found by every copy of this package in the process, in every version: its shape is a contract. */
const registryKey: unique symbol = Symbol.for("otel-health.shared");
type Registry = { [registryKey]?: Map<string, Shared> };

/**
 * One health object for each key and process, whichever copy of this package asks: for frameworks that bundle a process
 * in several pieces, or load its modules again. The first call makes it as {@link createHealth} does; later ones get it
 * as it is: their options are ignored, a function that would give them is not called. Once it was stopped the next call
 * makes a new one. Throws `HealthError`, `incompatible_version` where the copy that made it may be too different.
 */
export function sharedHealth<const C extends Checks>(
  key: string,
  options: HealthOptions<C> | (() => HealthOptions<C>) = {},
): Health<C> {
  const reader = new OptionReader("sharedHealth()", { key });
  if (reader.string("key") === undefined)
    reader.fail("key", "a non-empty string", key, "give every module of the service the same one");
  const global: Registry = globalThis as Registry;
  global[registryKey] ??= new Map();
  const registry = global[registryKey];
  const shared = registry.get(key);
  if (shared !== undefined && shared.health.snapshot().lifecycle !== "stopped") {
    if (line(shared.version) === line(version)) return shared.health as Health<C>;
    throw new HealthError(
      "incompatible_version",
      `sharedHealth("${key}") was made by @otel-health/core ${shared.version}, and this copy is ${version}; install one version of it`,
    );
  }
  const health = createHealth(typeof options === "function" ? options() : options);
  registry.set(key, { version, health: health as unknown as Health });
  return health;
}

/** What may change incompatibly: the major version, before 1.0 the minor one. */
function line(semver: string): string {
  const [major, minor] = semver.split(".");
  return major === "0" ? `0.${minor}` : String(major);
}
