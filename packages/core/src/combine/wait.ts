import type { RunContext } from "../check/check.ts";
import { timerAccuracyMs } from "../schedule/agenda.ts";

/**
 * Waits for `work`, at most `ms` on the run's clock, and no longer than the run itself. Leaves nothing behind. A timer
 * that is late because the loop was lets an answer that has arrived meanwhile be read: once, and by as much.
 */
export async function wait<T>(
  { clock, signal }: RunContext,
  ms: number,
  work: Promise<T> | undefined,
): Promise<T | "elapsed" | "aborted"> {
  if (signal.aborted) return "aborted";
  const { promise, resolve } = Promise.withResolvers<"elapsed" | "aborted">();
  const onAbort = () => resolve("aborted");
  signal.addEventListener("abort", onAbort, { once: true });
  const dueAt = clock.now() + ms;
  const onTime = () => {
    const late = clock.now() - dueAt;
    if (work === undefined || late <= timerAccuracyMs) resolve("elapsed");
    else timer = clock.setTimer(() => resolve("elapsed"), Math.min(late, ms), false);
  };
  let timer = ms === Number.POSITIVE_INFINITY ? undefined : clock.setTimer(onTime, ms, false);
  try {
    return await (work === undefined ? promise : Promise.race([work, promise]));
  } finally {
    signal.removeEventListener("abort", onAbort);
    if (timer !== undefined) clock.clearTimer(timer);
  }
}
