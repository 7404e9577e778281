import type { Clock, Timer } from "@otel-health/core";
import type { PoolJob } from "./pool-lane.ts";

/** How often the loop's own delay is looked at meanwhile, milliseconds; what is shorter is not told apart. */
const tickMs = 20;

/** How long a job is waited for. */
export interface Patience {
  /** Delay at which it is long enough, milliseconds. */
  readonly limitMs: number;
  /** Time on the clock at which it is, whatever the delay is by then, milliseconds. */
  readonly withinMs: number;
  /** Where it fires, the delay is told when the job is done. */
  readonly signal: AbortSignal;
}

/**
 * Milliseconds for which `job` has been waiting, without those by which the event loop was late meanwhile: a loop that is
 * busy must not read as a pool that is full. Resolves when the job is done, or has waited for long enough.
 */
export function queueDelay(job: PoolJob, clock: Clock, { limitMs, withinMs, signal }: Patience): Promise<number> {
  return new Promise((resolve) => {
    const startedAt = clock.now();
    // For how long it had waited before counts once the loop has turned, and it could have been heard that it is done.
    let before = 0;
    let lateMs = 0;
    let dueAt = startedAt;
    let timer: Timer;
    const waited = () => {
      const now = clock.now();
      lateMs += Math.max(0, now - dueAt);
      return before + now - startedAt - lateMs;
    };
    const arm = () => {
      dueAt = clock.now() + tickMs;
      timer = clock.setTimer(tick, tickMs, false);
    };
    const disarm = () => {
      clock.clearTimer(timer);
      signal.removeEventListener("abort", disarm);
    };
    const tick = () => {
      before = startedAt - job.startedAt;
      const delayMs = waited();
      if (delayMs > limitMs || clock.now() - startedAt >= withinMs) finish(delayMs);
      else arm();
    };
    const finish = (delayMs: number) => {
      disarm();
      resolve(delayMs);
    };
    arm();
    signal.addEventListener("abort", disarm);
    void job.done.then(() => finish(waited()));
  });
}
