import type { Clock, Timer } from "@otel-health/core";

/** Calls `beat` now and every so many milliseconds, for as long as the event loop turns. Returns what ends it. */
export function startHeartbeat(clock: Clock, everyMs: number, beat: () => void): () => void {
  let timer: Timer | undefined;
  const next = () => {
    beat();
    timer = clock.setTimer(next, everyMs, false);
  };
  next();
  return () => {
    if (timer !== undefined) clock.clearTimer(timer);
  };
}
