/** Being later than this, in milliseconds, is no timer's inaccuracy. */
const timerAccuracyMs = 10;

/** Looks within `maxAgeMs`: a suspension between two of them is not noticed. */
const looksWithin = 4;

/** How long a thread has been silent. Times are monotonic, in milliseconds. */
export interface Silence {
  /** The last beat, by which a new one is told: undefined where there was none. */
  readonly beatAt: number | undefined;
  /** When that was, or when it was listened for first. */
  readonly since: number;
  /** From when on that is too long. */
  readonly endsAt: number;
  /** When it is to be looked at next; `Infinity` where only a beat changes anything. */
  readonly lookAt: number;
  /** How much later than they were to be the looks were since the last beat. */
  readonly lostMs: number;
  /** That was given back. */
  readonly excused: boolean;
  readonly isTooLong: boolean;
}

/** The silence of one that is listened to from now on. */
export function initialSilence(now: number, beatAt: number | undefined, maxAgeMs: number): Silence {
  return look({ beatAt, since: now, endsAt: now + maxAgeMs, lostMs: 0, excused: false }, now, maxAgeMs);
}

/**
 * The silence at a look, of which `beatAt` says when it was beaten last. Who looks late did not run meanwhile, and maybe
 * nobody did: where the silence is too long, that time is given back, at most `maxAgeMs` and once until the next beat.
 */
export function nextSilence(before: Silence, now: number, beatAt: number | undefined, maxAgeMs: number): Silence {
  const isNew = beatAt !== undefined && beatAt !== before.beatAt;
  if (before.isTooLong && !isNew) return before;
  const late = now - before.lookAt;
  const lateMs = late > timerAccuracyMs ? late : 0;
  const heard = isNew
    ? { beatAt, since: beatAt, endsAt: beatAt + maxAgeMs, lostMs: Math.min(lateMs, now - beatAt), excused: false }
    : { ...before, lostMs: before.lostMs + lateMs };
  const isOver = now >= heard.endsAt && !heard.excused && heard.lostMs > 0;
  return look(
    isOver ? { ...heard, excused: true, endsAt: now + Math.min(heard.lostMs, maxAgeMs) } : heard,
    now,
    maxAgeMs,
  );
}

function look(silence: Omit<Silence, "lookAt" | "isTooLong">, now: number, maxAgeMs: number): Silence {
  const isTooLong = now >= silence.endsAt;
  const lookAt = isTooLong ? Number.POSITIVE_INFINITY : Math.min(silence.endsAt, now + maxAgeMs / looksWithin);
  return { ...silence, lookAt, isTooLong };
}
