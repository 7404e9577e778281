import { type Clock, demand, demandMs, type Health, systemClock } from "@otel-health/core";
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

const of = "of addHealthService()";

/** Throws `HealthError` for what cannot be meant. */
export function resolveOptions(options: HealthServiceOptions, health: Pick<Health, "verdict">): ResolvedOptions {
  demand(isObject(options), `the argument options ${of}`, "an object", options);
  const { services = byProbes, maxWatchers = 1_000, closeWithinMs = 5_000, clock = systemClock, ...rest } = options;
  demand(typeof health?.verdict === "function", `health ${of}`, "a health object", health);
  demand(isObject(services), `services ${of}`, "an object of sources by name", services);
  demand(
    Number.isInteger(maxWatchers) && maxWatchers >= 0,
    `maxWatchers ${of}`,
    "a whole number from 0 up",
    maxWatchers,
  );
  demandMs(`closeWithinMs ${of}`, closeWithinMs);
  demand(typeof clock?.setTimer === "function", `clock ${of}`, "a Clock", clock);
  const names = "one of clock, closeWithinMs, maxWatchers and services";
  for (const key of Object.keys(rest)) demand(false, `an option ${of}`, names, key);
  const all = Object.entries({ "": "readiness", ...services });
  const named = new Map(all.map(([name, source]) => [name, new Service(name, source, health)] as const));
  return { services: named, maxWatchers, closeWithinMs, clock };
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
