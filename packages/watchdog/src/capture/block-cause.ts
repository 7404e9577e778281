import type { ThreadTime } from "./thread-time.ts";

/** What the main thread did while its event loop did not turn. */
export interface BlockCause {
  /**
   * What it did most of that time: `running` code, `waiting` for what it had called, or `starved` of a CPU, which is
   * not its own doing. `unknown` where the kernel does not say.
   */
  readonly cause: "running" | "waiting" | "starved" | "unknown";
  /** How long it ran, milliseconds; 0 where that is unknown. */
  readonly onCpuMs: number;
  /** How long it was ready to run and was not let, milliseconds; 0 where that is unknown. */
  readonly starvedMs: number;
  /** For which the quota of a cgroup was used up, at most the whole time. Absent where there are no cgroups. */
  readonly throttledMs?: number;
}

/**
 * Told by the times of the main thread at the begin of `elapsedMs` and at their end. The kernel counts how long a thread
 * was on a CPU, and how long it was ready and queued for one, a used-up quota included. What is left it waited, and the
 * longest of the three is the cause. But a thread that waits is not in state `R`: if most is left and it is in `R`, the
 * kernel has not counted all, as where the machine itself was stopped for others, and nothing is known.
 */
export function causeOf(before: ThreadTime, after: ThreadTime, elapsedMs: number): BlockCause {
  const throttled = grownBy(before.throttledMs, after.throttledMs);
  const told = throttled === undefined ? {} : { throttledMs: Math.min(throttled, Math.max(0, elapsedMs)) };
  const ran = grownBy(before.onCpuMs, after.onCpuMs);
  const queued = grownBy(before.queuedMs, after.queuedMs);
  if (ran === undefined || queued === undefined || !(elapsedMs > 0))
    return { cause: "unknown", onCpuMs: 0, starvedMs: 0, ...told };
  // The three are not read in one instant.
  const onCpuMs = Math.min(ran, elapsedMs);
  const starvedMs = Math.min(queued, elapsedMs - onCpuMs);
  const waitedMs = elapsedMs - onCpuMs - starvedMs;
  const most = Math.max(onCpuMs, starvedMs, waitedMs);
  const waiting = after.state === "R" ? "unknown" : "waiting";
  const cause = most === onCpuMs ? "running" : most === starvedMs ? "starved" : waiting;
  return { cause, onCpuMs, starvedMs, ...told };
}

/** Undefined where it cannot be said: a total that is absent, or has become less. */
function grownBy(before: number | undefined, after: number | undefined): number | undefined {
  if (before === undefined || after === undefined || !(after >= before)) return undefined;
  return after - before;
}
