import type { Lifecycle, LifecyclePhase } from "../lifecycle/lifecycle.ts";
import type { ByProbe } from "../verdict/probe.ts";
import type { VerdictStatus } from "../verdict/votes.ts";
import type { CheckSnapshot } from "./check-snapshot.ts";

/** A probe's verdict and when it was entered (wall time, milliseconds since the epoch). */
export interface Verdict {
  readonly status: VerdictStatus;
  readonly since: number;
}

/** Who this process is; every field but the name is optional and given by the application. */
export interface ServiceInfo {
  readonly name: string;
  readonly version?: string;
  readonly instance?: string;
  readonly commit?: string;
  readonly builtAt?: string;
}

/** All states and the lifecycle at one version. Immutable: every view of health is made from one of these. */
export interface HealthSnapshot<Names extends string = string> {
  /** Grows by at least one with each change. */
  readonly version: number;
  /** Wall time of the change that made it, milliseconds since the epoch. */
  readonly timestamp: number;
  readonly service: ServiceInfo | undefined;
  readonly lifecycle: LifecyclePhase;
  /** The whole lifecycle value that the verdicts were made from. */
  readonly life: Lifecycle;
  /** The four probes, and the groups by their names. */
  readonly probes: ByProbe<Verdict>;
  /** The checks by name, without startup tasks. */
  readonly checks: { readonly [N in Names]: CheckSnapshot };
  /** Startup tasks and checks, in the order in which they were registered. */
  readonly entries: readonly CheckSnapshot[];
}

/** The parts of a snapshot that are known when it is made. */
export type SnapshotParts = Omit<HealthSnapshot, "checks" | "lifecycle">;

/** Makes a snapshot whose `checks` dictionary is built for those who ask for it. */
export function createSnapshot(parts: SnapshotParts): HealthSnapshot {
  let checks: Record<string, CheckSnapshot> | undefined;
  return Object.freeze({
    ...parts,
    lifecycle: parts.life.phase,
    get checks() {
      if (checks !== undefined) return checks;
      // Without a prototype: a check may be named `constructor`.
      const built: Record<string, CheckSnapshot> = Object.create(null);
      for (const entry of parts.entries) if (entry.kind !== "startup task") built[entry.name] = entry;
      checks = Object.freeze(built);
      return checks;
    },
  });
}
