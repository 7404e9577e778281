import { type AnyProbe, type Health, HealthError } from "@otel-health/core";
import type { ServingStatus } from "./messages.ts";

/** What stands behind a service's name: a probe or a group, or readiness over some of its checks. */
export type ServiceSource = AnyProbe | { readonly checks: readonly string[] };

/** What a service takes from the health object. */
export type ServiceHealth = Pick<Health, "verdict">;

/** One service of the health protocol, whose status is kept current. */
export class Service {
  readonly name: string;
  /** The probe that its answers are counted for. */
  readonly probe: AnyProbe;
  readonly #verdict: () => string;
  status: ServingStatus;

  /** Throws `HealthError` where the source is none. */
  constructor(name: string, source: ServiceSource, health: ServiceHealth) {
    this.name = name;
    const { probe, verdict } = readSource(name, source, health);
    this.probe = probe;
    this.#verdict = verdict;
    this.status = this.#read();
  }

  /** Takes over what the health object says now. */
  update(): void {
    this.status = this.#read();
  }

  #read(): ServingStatus {
    return this.#verdict() === "unhealthy" ? "NOT_SERVING" : "SERVING";
  }
}

function readSource(name: string, source: ServiceSource, health: ServiceHealth) {
  const where = `service ${JSON.stringify(name)} of addHealthService()`;
  const isSet = typeof source === "object" && source !== null && Array.isArray(source.checks);
  if (!isSet && typeof source !== "string") {
    throw new HealthError(
      "invalid_option",
      `${where} must be a probe, a group or { checks: [...] }, got ${source === null ? "null" : typeof source}`,
    );
  }
  const probe = isSet ? "readiness" : (source as AnyProbe);
  const options = isSet ? { checks: (source as { readonly checks: readonly string[] }).checks } : {};
  if (isSet && options.checks?.length === 0)
    throw new HealthError("invalid_option", `${where} must name at least one check, got []; name a probe instead`);
  try {
    health.verdict(probe, options);
  } catch (error) {
    throw new HealthError("invalid_option", `${where}: ${(error as Error).message}`, { cause: error });
  }
  const verdict = () => {
    try {
      return health.verdict(probe, options);
    } catch {
      // One of its checks was unregistered: nobody knows whether it could serve.
      return "unhealthy";
    }
  };
  return { probe, verdict };
}
