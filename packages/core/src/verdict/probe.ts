/** The questions an orchestrator asks. */
export type ProbeName = "startup" | "readiness" | "serving" | "liveness";

/** All four, in the order in which reports and metrics list them. */
export const probeNames: readonly ProbeName[] = ["startup", "readiness", "serving", "liveness"];

/** The name of any probe: one of the four, or of a group of checks that the user made. */
export type AnyProbe = ProbeName | (string & {});

/** One value for each of the four probes and for each group. */
export type ByProbe<T> = { readonly [P in ProbeName]: T } & { readonly [group: string]: T };

/** Makes one value for each of `probes`, which are the four and any groups. */
export function byProbe<T>(probes: readonly AnyProbe[], make: (probe: AnyProbe) => T): ByProbe<T> {
  return Object.fromEntries(probes.map((probe) => [probe, make(probe)])) as ByProbe<T>;
}

/** Whether a probe is a group: it answers for its checks alone, whatever the process's life. */
export function isGroup(probe: AnyProbe): boolean {
  return !(probeNames as readonly AnyProbe[]).includes(probe);
}
