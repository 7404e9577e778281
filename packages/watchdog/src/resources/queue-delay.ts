import type { Clock, Timer } from "@otel-health/core";

/** How often the loop's own delay is looked at meanwhile, milliseconds; what is shorter is not told apart. */
const tickMs = 20;

/**
 * Milliseconds that `job` takes, without those by which the event loop was late meanwhile: a loop that is busy must not
 * read as a pool that is full. Resolves as soon as they are more than `limitMs`; where `signal` fires, not before the job
 * is done.
 */
export function queueDelay(job: Promise<void>, limitMs: number, clock: Clock, signal: AbortSignal): Promise<number> {
  return new Promise((resolve) => {
    const startedAt = clock.now();
    let lateMs = 0;
    let dueAt = startedAt;
    let timer: Timer;
    const waited = () => {
      const now = clock.now();
      lateMs += Math.max(0, now - dueAt);
      return now - startedAt - lateMs;
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
      const delayMs = waited();
      if (delayMs > limitMs) finish(delayMs);
      else arm();
    };
    const finish = (delayMs: number) => {
      disarm();
      resolve(delayMs);
    };
    arm();
    signal.addEventListener("abort", disarm);
    void job.then(() => finish(waited()));
  });
}
