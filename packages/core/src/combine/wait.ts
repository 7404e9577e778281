import type { RunContext } from "../check/check.ts";

/** Waits for `work`, at most `ms` on the run's clock, and no longer than the run itself. Leaves nothing behind. */
export async function wait<T>(
  { clock, signal }: RunContext,
  ms: number,
  work: Promise<T> | undefined,
): Promise<T | "elapsed" | "aborted"> {
  if (signal.aborted) return "aborted";
  const { promise, resolve } = Promise.withResolvers<"elapsed" | "aborted">();
  const onAbort = () => resolve("aborted");
  signal.addEventListener("abort", onAbort, { once: true });
  const timer = ms === Number.POSITIVE_INFINITY ? undefined : clock.setTimer(() => resolve("elapsed"), ms, false);
  try {
    return await (work === undefined ? promise : Promise.race([work, promise]));
  } finally {
    signal.removeEventListener("abort", onAbort);
    if (timer !== undefined) clock.clearTimer(timer);
  }
}
