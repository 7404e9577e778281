import type { HealthSnapshot, LifecyclePhase, VerdictStatus } from "@otel-health/core";

/** What a worker tells its primary: who reads it knows these messages among the application's own by the first key. */
export interface WorkerMessage {
  readonly "otel-health": 1;
  readonly lifecycle: LifecyclePhase;
  /** By probe and group. */
  readonly verdicts: { readonly [probe: string]: VerdictStatus };
}

/** What a primary tells its workers. */
export interface PrimaryMessage {
  readonly "otel-health": 1;
  readonly end: true;
}

const phases: ReadonlySet<unknown> = new Set<LifecyclePhase>([
  "starting",
  "ready",
  "retiring",
  "draining",
  "stopped",
  "failed",
]);
const statuses: ReadonlySet<unknown> = new Set<VerdictStatus>(["healthy", "degraded", "unhealthy"]);

/** A snapshot in the words of a message. */
export function workerMessage({ lifecycle, probes }: HealthSnapshot): WorkerMessage {
  const verdicts = Object.fromEntries(Object.entries(probes).map(([probe, { status }]) => [probe, status]));
  return { "otel-health": 1, lifecycle, verdicts };
}

/** The message, `"foreign"` where it is none of ours, or `"unreadable"` where it is of another version or broken. */
export function readWorkerMessage(message: unknown): WorkerMessage | "foreign" | "unreadable" {
  if (!isRecord(message) || !Object.hasOwn(message, "otel-health")) return "foreign";
  const { lifecycle, verdicts } = message;
  const isOurs = message["otel-health"] === 1 && phases.has(lifecycle) && isRecord(verdicts);
  if (!isOurs || !Object.values(verdicts).every((status) => statuses.has(status))) return "unreadable";
  return message as unknown as WorkerMessage;
}

/** Whether the primary asks to end. */
export function isEnd(message: unknown): boolean {
  return isRecord(message) && message["otel-health"] === 1 && message["end"] === true;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
