/** What a thread did while its loop did not turn, as far as the system tells: it ran code; it waited in a call; it had no CPU. */
export type BlockCause = "running" | "waiting" | "starved" | "unknown";

/** How a thread spent its life so far, milliseconds. */
export interface ThreadTimes {
  readonly ranMs: number;
  /** It could have run and was given no CPU. */
  readonly starvedMs: number;
}

/** How a thread spent its life, as it was read at some time, monotonic milliseconds. */
export interface ReadTimes extends ThreadTimes {
  readonly at: number;
}

/** What it did for most of the time between two readings. */
export function causeOf(first: ReadTimes | undefined, last: ReadTimes | undefined): BlockCause {
  if (first === undefined || last === undefined || last.at <= first.at) return "unknown";
  const half = (last.at - first.at) / 2;
  if (last.starvedMs - first.starvedMs >= half) return "starved";
  return last.ranMs - first.ranMs >= half ? "running" : "waiting";
}
