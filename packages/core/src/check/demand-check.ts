import type { Check } from "./check.ts";
import { resolveCheck } from "./resolve-check.ts";

/** For packages that make checks: throws `HealthError` unless a health object would take it; `where` names it. */
export function demandCheck(where: string, check: Check): void {
  resolveCheck(where, check);
}
