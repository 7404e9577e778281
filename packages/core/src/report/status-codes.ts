import { OptionReader } from "../option-reader.ts";
import type { VerdictStatus } from "../verdict/votes.ts";

/** The HTTP status code of each verdict. All three must be given, so that none is forgotten. */
export type StatusCodes = { readonly [S in VerdictStatus]: number };

/** What orchestrators and balancers understand: degraded still passes. */
export const defaultStatusCodes: StatusCodes = { healthy: 200, degraded: 200, unhealthy: 503 };

/** The status codes that `key` gives for one probe; undefined where it does not. Throws `HealthError`. */
export function readStatusCodes(reader: OptionReader, where: string, key = "statusCodes"): StatusCodes | undefined {
  const given = reader.unchecked(key);
  if (given === undefined) return undefined;
  const codes = new OptionReader(`${key} of ${where}`, given);
  const read = (verdict: VerdictStatus, min: number, max: number, mend: string) =>
    codes.number(verdict, { min, max, integer: true, mend });
  const all = {
    healthy: read("healthy", 200, 299, "give the code of success for it, such as 200"),
    degraded: read("degraded", 200, 599, "give 200 if a degraded process still takes traffic, 503 if not"),
    unhealthy: read("unhealthy", 400, 599, "give a code of failure, such as 503: nobody would see it otherwise"),
  };
  codes.done();
  return all;
}
