import type { AnyProbe, Health, HealthSnapshot } from "@otel-health/core";

/** What a weight is given by. */
export interface AgentState {
  /** An instance that fails has no weight. */
  readonly verdict: "healthy" | "degraded";
  readonly snapshot: HealthSnapshot;
}

/** The share of its configured weight that an instance should have: 0 to 100 percent. */
export type AgentWeight = (state: AgentState) => number;

/** What HAProxy does with more than this in a line is its own business. */
const longestReason = 200;

/**
 * What an instance says of itself in the words of HAProxy's agent-check: one line, without its end. Of a draining one
 * requests in flight may finish (`drain`), a closed gate is somebody's wish (`maint`), everything else that fails is
 * `down`, with the reason as far as anybody may know it.
 */
export function agentLine(health: Pick<Health, "snapshot" | "report">, probe: AnyProbe, weight: () => number): string {
  const { life, lifecycle, probes, entries } = health.snapshot();
  if (lifecycle === "draining") return "drain";
  if (lifecycle === "stopped") return "stopped #stopped";
  // `up` alone leaves a weight where it was, and `ready` ends what `drain` and `maint` began.
  if (probes[probe]?.status !== "unhealthy") return `up ready ${weight()}%`;
  const { message } = health.report(probe, { detail: "summary" });
  const works = life.fatal === undefined && (lifecycle === "ready" || lifecycle === "retiring");
  const closed = works && entries.some(({ kind, votes }) => kind === "gate" && votes[probe] === "unhealthy");
  return `${closed ? "maint" : "down"} #${oneLine(message ?? "unhealthy")}`;
}

/** Nothing but the characters of a sentence: a control character would end the line, a `#` begin another reason. */
export function oneLine(text: string): string {
  return text.replace(/[^\x20-\x22\x24-\x7e]+/g, " ").slice(0, longestReason);
}
