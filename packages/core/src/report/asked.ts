import type { AnyProbe } from "../verdict/probe.ts";
import type { Manner } from "./render.ts";

/** What a request asks for: which probe or which part of it, and how the answer is to look. */
export interface Asked extends Manner {
  readonly probe: AnyProbe;
  /** This one check alone. */
  readonly check?: string;
  /** The probe without these, in order and each once. */
  readonly exclude?: readonly string[];
}

/** The same text for what has the same answer. */
export function askedKey({ probe, detail, format, statusCodes, reasonHeader, check, exclude }: Asked): string {
  const { healthy, degraded, unhealthy } = statusCodes;
  const part = check === undefined ? `-${exclude?.join() ?? ""}` : `+${check}`;
  return `${probe} ${detail} ${format} ${healthy} ${degraded} ${unhealthy} ${reasonHeader} ${part}`;
}
