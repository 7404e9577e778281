import { optionsOf } from "../option-reader.ts";
import type { CheckOptions, GateCheck } from "./check.ts";
import { resolveCheck } from "./resolve-check.ts";

/** A manual switch (maintenance, feature flag): closed, it makes readiness and serving fail at once, whatever else is well. */
export function gate(options: Omit<CheckOptions, "probes"> & { readonly open?: boolean } = {}): GateCheck {
  const check: GateCheck = { ...optionsOf("gate()", options), kind: "gate" };
  resolveCheck("gate()", check);
  return check;
}
