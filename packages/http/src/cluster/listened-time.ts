import type { Clock } from "@otel-health/core";

/** Time in which this process could hear others, in milliseconds. */
export interface ListenedTime {
  now(): number;
  /** To be called every `everyMs`. */
  tick(): void;
}

/** Where ticks come late because the loop was blocked or the process stood still, the time beyond `everyMs` is none. */
export function listenedTime(clock: Pick<Clock, "now">, everyMs: number): ListenedTime {
  let before = 0;
  let tickedAt = clock.now();
  const now = () => before + Math.min(clock.now() - tickedAt, everyMs);
  const tick = () => {
    before = now();
    tickedAt = clock.now();
  };
  return { now, tick };
}
