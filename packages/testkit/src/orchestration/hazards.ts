import { fail, pass } from "@otel-health/core";
import { abortable, delayed, hang, type ScriptStep } from "@otel-health/core/testing";

/** Something bad that a dependency does. */
export interface Hazard {
  readonly what: string;
  /** What each run meets. */
  readonly step: ScriptStep;
  /** Whether readiness fails for it. */
  readonly unready: boolean;
}

/** All of it is the dependency's fault, and no restart mends it. */
export const hazards: readonly Hazard[] = [
  { what: "hangs", step: hang, unready: true },
  { what: "hangs until it is given up", step: abortable(hang), unready: true },
  { what: "answers too late", step: delayed(3_000, pass()), unready: true },
  { what: "is slow", step: delayed(1_900, pass()), unready: false },
  { what: "refuses", step: new Error("connect ECONNREFUSED"), unready: true },
  { what: "fails for good", step: fail("no such database", { fault: "fatal" }), unready: true },
];
