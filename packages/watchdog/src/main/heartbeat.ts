import type { Clock, Timer } from "@otel-health/core";
import { beatOf } from "../block/loop-state.ts";
import { type Pulse, pulseWords } from "../worker/probe-work.ts";

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

/** Writes down that the loop turns now, and that it does so again where it has been silent for so long. */
export function beatInto(pulse: Pulse, now: number, silentMs: number): void {
  const beat = beatOf(now);
  const before = Atomics.load(pulse, pulseWords.beat);
  if (((beat - before) | 0) >= silentMs) Atomics.store(pulse, pulseWords.turned, beat);
  Atomics.store(pulse, pulseWords.beat, beat);
}
