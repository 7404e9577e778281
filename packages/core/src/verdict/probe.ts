/** The questions an orchestrator asks. */
export type ProbeName = "startup" | "readiness" | "serving" | "liveness";

/** All probes, in the order in which reports and metrics list them. */
export const probeNames: readonly ProbeName[] = ["startup", "readiness", "serving", "liveness"];
