import type { LoopBlock } from "@otel-health/core/worker";

/** From when on a silent loop is how bad, in milliseconds. */
export interface Thresholds {
  readonly blockedAfterMs: number;
  readonly unreadyAfterMs: number;
  readonly deadAfterMs: number;
  /**
   * The most that one tick may add to a silence. Whoever ticks this late did not run meanwhile, as in a process that was
   * stopped, and cannot say of anyone else that he stood still.
   */
  readonly mostPerTickMs: number;
}

/** How bad it is: the loop turns, or what {@link LoopBlock} says. */
export type Stage = "turning" | LoopBlock["stage"];

/** What the watching thread sees when it looks. */
export interface LoopTick {
  /** Its monotonic time, milliseconds. */
  readonly now: number;
  /** Wall milliseconds. */
  readonly wallTime: number;
  /** What the loop wrote when it turned last: monotonic milliseconds as {@link beatOf} makes them. */
  readonly beat: number;
  /**
   * For how long the loop's thread could have run since then and was given no CPU, as far as that is known, milliseconds.
   * Undefined in a look that does not ask: what passes until one does counts as silent, and not yet as dead.
   */
  readonly starvedMs?: number | undefined;
}

/** How long the loop has been silent, milliseconds. */
interface Silence {
  /** By the clock. */
  readonly elapsedMs: number;
  /** As far as the watching thread was there to listen. */
  readonly listenedMs: number;
  /** How much of it its thread was starved. */
  readonly starvedMs: number;
  /** How much of what was listened to has not that excuse, as it was when that was asked last. */
  readonly unexcusedMs: number;
}

/** What is known of the loop. */
export interface LoopState extends Silence {
  readonly stage: Stage;
  /** When it turned last, wall milliseconds. */
  readonly since: number;
  /** The look back that this is from: its time and its beat. */
  readonly now: number;
  readonly beat: number;
}

/** A block that is over. */
export interface EndedBlock {
  /** When the loop turned last before it, wall milliseconds. */
  readonly since: number;
  /** How long it took, without time in which the whole process stood still, milliseconds. */
  readonly silentMs: number;
  /** How much of that the loop's thread was starved. */
  readonly starvedMs: number;
  /** The worst that it came to. */
  readonly stage: LoopBlock["stage"];
}

/** A monotonic time as it fits into a word of shared memory: a number that comes round every 49 days. */
export function beatOf(now: number): number {
  return Math.floor(now) | 0;
}

/** What is known before the first look: it turns now. */
export function initialLoopState({ now, wallTime, beat }: LoopTick): LoopState {
  return { stage: "turning", since: wallTime, ...silenceOf(0, 0), now, beat };
}

/** The next state, and the block that ended with it. Pure. */
export function reduceLoop(
  state: LoopState,
  tick: LoopTick,
  thresholds: Thresholds,
): { readonly state: LoopState; readonly ended?: EndedBlock } {
  const passedMs = Math.max(0, tick.now - state.now);
  const listenedMs = Math.min(passedMs, thresholds.mostPerTickMs);
  const seen = { now: tick.now, beat: tick.beat };
  if (tick.beat === state.beat) {
    const silence = lengthened(state, passedMs, listenedMs, tick.starvedMs);
    return { state: { stage: stageOf(silence, thresholds), since: state.since, ...silence, ...seen } };
  }
  // Whatever the beat says, it came between the last look and this one.
  const agoMs = Math.min(Math.max(0, (beatOf(tick.now) - tick.beat) | 0), passedMs);
  const newMs = Math.min(agoMs, listenedMs);
  const old = lengthened(state, passedMs - agoMs, listenedMs - newMs, tick.starvedMs);
  const worst = stageOf(old, thresholds);
  const { since } = state;
  const silence = silenceOf(agoMs, newMs);
  return {
    state: { stage: stageOf(silence, thresholds), since: tick.wallTime - agoMs, ...silence, ...seen },
    ...(worst !== "turning" && {
      ended: { since, stage: worst, silentMs: silentMsOf(old), starvedMs: old.starvedMs },
    }),
  };
}

/** One that has just begun. */
function silenceOf(elapsedMs: number, listenedMs: number): Silence {
  return { elapsedMs, listenedMs, starvedMs: 0, unexcusedMs: 0 };
}

/** The same silence, longer by so much. */
function lengthened(
  { elapsedMs: elapsed, listenedMs: listened, starvedMs: starved, unexcusedMs }: Silence,
  byMs: number,
  listenedByMs: number,
  toldMs: number | undefined,
): Silence {
  const elapsedMs = elapsed + byMs;
  const listenedMs = listened + listenedByMs;
  if (toldMs === undefined) return { elapsedMs, listenedMs, starvedMs: starved, unexcusedMs };
  const starvedMs = Math.min(Math.max(starved, toldMs), elapsedMs);
  return { elapsedMs, listenedMs, starvedMs, unexcusedMs: Math.min(listenedMs, elapsedMs - starvedMs) };
}

/** Time in which nobody listened counts where it is known that the process did not stand still: its thread was starved. */
function silentMsOf({ elapsedMs, listenedMs, starvedMs }: Silence): number {
  return Math.min(elapsedMs, listenedMs + starvedMs);
}

/** A loop that was kept from the CPU is late, not dead: a restart would not mend it. */
function stageOf(silence: Silence, { blockedAfterMs, unreadyAfterMs, deadAfterMs }: Thresholds): Stage {
  if (silence.unexcusedMs >= deadAfterMs) return "dead";
  const silentMs = silentMsOf(silence);
  if (silentMs >= unreadyAfterMs) return "unready";
  return silentMs >= blockedAfterMs ? "blocked" : "turning";
}
