import type { VerdictStatus } from "../verdict/votes.ts";

/** The words of draft-inadarei-api-health-check. */
export const draftStatuses: { readonly [S in VerdictStatus]: string } = {
  healthy: "pass",
  degraded: "warn",
  unhealthy: "fail",
};
