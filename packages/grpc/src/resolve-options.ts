import { type Clock, type Health, HealthError, systemClock } from "@otel-health/core";
import { Service, type ServiceSource } from "./service.ts";

/** Options of {@link addHealthService}. */
export interface HealthServiceOptions {
  /**
   * What stands behind the names that clients ask for. The empty name is the whole server: readiness unless it is given
   * here. Default that one and `readiness`, `serving`, `startup` and `liveness`, by their names.
   */
  readonly services?: { readonly [name: string]: ServiceSource };
  /** Calls of `Watch` at once; whoever comes beyond them is told `RESOURCE_EXHAUSTED`. Default 1 000. */
  readonly maxWatchers?: number;
  /** Milliseconds that `close()` waits for calls in flight before it cuts them; default 5 000. */
  readonly closeWithinMs?: number;
  /** Default the process's own. */
  readonly clock?: Clock;
}

/** The options, validated and defaulted, with a service for each name. */
export interface ResolvedOptions extends Required<Omit<HealthServiceOptions, "services">> {
  readonly services: ReadonlyMap<string, Service>;
}

const byProbes: HealthServiceOptions["services"] = {
  readiness: "readiness",
  serving: "serving",
  startup: "startup",
  liveness: "liveness",
};

/** Throws `HealthError` for what cannot be meant. */
export function resolveOptions(options: HealthServiceOptions, health: Pick<Health, "verdict">): ResolvedOptions {
  demand(isObject(options), "the argument options", "an object", options);
  const { services = byProbes, maxWatchers = 1_000, closeWithinMs = 5_000, clock = systemClock, ...rest } = options;
  demand(typeof health?.verdict === "function", "health", "a health object", health);
  demand(isObject(services), "services", "an object of sources by name", services);
  demand(Number.isInteger(maxWatchers) && maxWatchers >= 0, "maxWatchers", "a whole number from 0 up", maxWatchers);
  const isTime = typeof closeWithinMs === "number" && closeWithinMs >= 0;
  demand(isTime, "closeWithinMs", "milliseconds from 0 up", closeWithinMs);
  demand(typeof clock?.setTimer === "function", "clock", "a Clock", clock);
  const names = "one of clock, closeWithinMs, maxWatchers and services";
  for (const key of Object.keys(rest)) demand(false, "an option", names, key);
  const all = Object.entries({ "": "readiness", ...services });
  const named = new Map(all.map(([name, source]) => [name, new Service(name, source, health)] as const));
  return { services: named, maxWatchers, closeWithinMs, clock };
}

/** Throws `invalid_option` unless `good`: what must be what, and what it was. */
export function demand(good: boolean, option: string, expected: string, given: unknown): void {
  if (good) return;
  const shown = typeof given === "function" ? "a function" : isObject(given) ? "an object" : String(given);
  const got = typeof given === "string" ? JSON.stringify(given) : Array.isArray(given) ? "an array" : shown;
  throw new HealthError("invalid_option", `${option} of addHealthService() must be ${expected}, got ${got}`);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
