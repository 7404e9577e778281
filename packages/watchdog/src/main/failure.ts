import type { Health } from "@otel-health/core";

/** A sentence a check, of so many, and of so many characters. */
const mostChecks = 10;
const longest = 200;

/** Why liveness fails, with the reasons that a probe does not tell; undefined where it does not fail. */
export function failureOf(health: Pick<Health, "report" | "verdict">): string | undefined {
  if (health.verdict("liveness") !== "unhealthy") return undefined;
  const { message = "unhealthy", checks = {} } = health.report("liveness");
  const failed = Object.entries(checks).filter(([, { status }]) => status === "unhealthy");
  const told = failed
    .slice(0, mostChecks)
    .map(([name, check]) => `${name}: ${(check.message ?? "unhealthy").slice(0, longest)}`);
  return [message, ...told].join("; ");
}
