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
   * For how long the loop's thread could have run and was given no CPU, so far: milliseconds that only grow. Undefined in
   * a look that does not ask; what passes until one does counts as silent, and not yet as dead.
   */
  readonly starvedMs?: number | undefined;
}

/** What is known of the loop. */
export interface LoopState {
  readonly stage: Stage;
  /** When it turned last, wall milliseconds. */
  readonly since: number;
  /** For how long it has been silent since, as far as the watching thread was there to listen. */
  readonly silentMs: number;
  /** How much of that its thread was starved, and of how much it was not asked yet. */
  readonly starvedMs: number;
  readonly unaskedMs: number;
  /** The look back that this is from: its time, its beat, and what was known of starving. */
  readonly now: number;
  readonly beat: number;
  readonly everStarvedMs: number;
}

/** A block that is over. */
export interface EndedBlock extends Pick<LoopState, "since" | "silentMs" | "starvedMs"> {
  /** The worst that it came to. */
  readonly stage: LoopBlock["stage"];
}

/** A monotonic time as it fits into a word of shared memory: a number that comes round every 49 days. */
export function beatOf(now: number): number {
  return Math.floor(now) | 0;
}

/** What is known before the first look: it turns now. */
export function initialLoopState({ now, wallTime, beat, starvedMs = 0 }: LoopTick): LoopState {
  const silence = { silentMs: 0, starvedMs: 0, unaskedMs: 0 };
  return { stage: "turning", since: wallTime, ...silence, now, beat, everStarvedMs: starvedMs };
}

/** The next state, and the block that ended with it. Pure. */
export function reduceLoop(
  state: LoopState,
  tick: LoopTick,
  thresholds: Thresholds,
): { readonly state: LoopState; readonly ended?: EndedBlock } {
  const passedMs = Math.max(0, tick.now - state.now);
  const listenedMs = Math.min(passedMs, thresholds.mostPerTickMs);
  const seen = { now: tick.now, beat: tick.beat, everStarvedMs: tick.starvedMs ?? state.everStarvedMs };
  if (tick.beat === state.beat) {
    const silence = lengthened(state, listenedMs, tick);
    return { state: { stage: stageOf(silence, thresholds), since: state.since, ...silence, ...seen } };
  }
  // Whatever the beat says, it came between the last look and this one.
  const agoMs = Math.min(Math.max(0, (beatOf(tick.now) - tick.beat) | 0), passedMs);
  const newMs = Math.min(agoMs, listenedMs);
  const { silentMs, starvedMs, unaskedMs } = lengthened(state, listenedMs - newMs, tick);
  const worst = stageOf({ silentMs, starvedMs, unaskedMs }, thresholds);
  const silence = { silentMs: newMs, starvedMs: 0, unaskedMs: newMs };
  return {
    state: { stage: stageOf(silence, thresholds), since: tick.wallTime - agoMs, ...silence, ...seen },
    ...(worst !== "turning" && { ended: { since: state.since, stage: worst, silentMs, starvedMs } }),
  };
}

type Silence = Pick<LoopState, "silentMs" | "starvedMs" | "unaskedMs">;

/** The same silence, longer by so much. */
function lengthened(state: LoopState, byMs: number, tick: LoopTick): Silence {
  const silentMs = state.silentMs + byMs;
  const unaskedMs = state.unaskedMs + byMs;
  if (tick.starvedMs === undefined) return { silentMs, starvedMs: state.starvedMs, unaskedMs };
  const starvedMs = Math.min(Math.max(0, tick.starvedMs - state.everStarvedMs), unaskedMs);
  return { silentMs, starvedMs: state.starvedMs + starvedMs, unaskedMs: 0 };
}

/** A loop that was kept from the CPU is late, not dead: a restart would not mend it. */
function stageOf({ silentMs, starvedMs, unaskedMs }: Silence, thresholds: Thresholds): Stage {
  if (silentMs - starvedMs - unaskedMs >= thresholds.deadAfterMs) return "dead";
  if (silentMs >= thresholds.unreadyAfterMs) return "unready";
  return silentMs >= thresholds.blockedAfterMs ? "blocked" : "turning";
}
