import { beatOf, type EndedBlock, type LoopTick, type Stage, type Thresholds } from "../../src/block/loop-state.ts";

/** What happens between two looks. */
export interface Step {
  readonly passMs: number;
  readonly beats: boolean;
  /** How long before the look, if it beats; at most as long as the time that passes. */
  readonly beatMsAgo: number;
  /** Of the silence, as far as is known; at most as long as that is taken. */
  readonly starvedMs: number;
  /** Whether the look asks for it. */
  readonly asks: boolean;
  readonly repeat: number;
}

/** Everything that happens. */
export type History = readonly Step[];

/** Counts a silence by writing down each of its milliseconds. */
export class LoopModel {
  readonly #thresholds: Thresholds;
  readonly #epoch: number;
  #now: number;
  #beat: number;
  #asks = false;
  #toldMs = 0;
  #since: number;
  /** The milliseconds of the silence, and whether each was listened to. */
  #silence: boolean[] = [];
  #starvedMs = 0;
  #unexcusedMs = 0;
  #ended: EndedBlock | undefined;

  constructor(thresholds: Thresholds, startAt: number, epoch: number) {
    this.#thresholds = thresholds;
    this.#epoch = epoch;
    this.#now = startAt;
    this.#beat = beatOf(startAt);
    this.#since = epoch + startAt;
  }

  pass({ passMs, beats, beatMsAgo, starvedMs, asks }: Step): void {
    const from = this.#now;
    this.#now += passMs;
    const beatAt = this.#now - Math.min(beatMsAgo, passMs);
    // Two beats in one millisecond are one.
    const turned = beats && beatOf(beatAt) !== this.#beat;
    this.#ended = undefined;
    this.#asks = asks;
    this.#toldMs = starvedMs;
    const all = milliseconds(from, this.#now);
    const listened = new Set(all.slice(-this.#thresholds.mostPerTickMs));
    for (const ms of all) if (!turned || ms <= beatAt) this.#silence.push(listened.has(ms));
    if (asks) {
      this.#starvedMs = Math.min(Math.max(this.#starvedMs, starvedMs), this.#silence.length);
      this.#unexcusedMs = Math.min(this.#listened(), this.#silence.length - this.#starvedMs);
    }
    if (!turned) return;
    const stage = this.#stage();
    const silentMs = this.#silent();
    if (stage !== "turning") this.#ended = { since: this.#since, stage, silentMs, starvedMs: this.#starvedMs };
    this.#beat = beatOf(beatAt);
    this.#since = this.#epoch + beatAt;
    this.#silence = all.filter((ms) => ms > beatAt).map((ms) => listened.has(ms));
    this.#starvedMs = 0;
    this.#unexcusedMs = 0;
  }

  tick(): LoopTick {
    const wallTime = this.#epoch + this.#now;
    return { now: this.#now, wallTime, beat: this.#beat, starvedMs: this.#asks ? this.#toldMs : undefined };
  }

  state(): object {
    return {
      stage: this.#stage(),
      since: this.#since,
      elapsedMs: this.#silence.length,
      listenedMs: this.#listened(),
      starvedMs: this.#starvedMs,
      unexcusedMs: this.#unexcusedMs,
    };
  }

  ended(): EndedBlock | undefined {
    return this.#ended;
  }

  #listened(): number {
    return this.#silence.filter((wasListenedTo) => wasListenedTo).length;
  }

  /** What was not listened to counts as far as it was starved. */
  #silent(): number {
    let left = this.#starvedMs;
    return this.#silence.filter((wasListenedTo) => wasListenedTo || left-- > 0).length;
  }

  #stage(): Stage {
    const { blockedAfterMs, unreadyAfterMs, deadAfterMs } = this.#thresholds;
    if (this.#unexcusedMs >= deadAfterMs) return "dead";
    if (this.#silent() >= unreadyAfterMs) return "unready";
    return this.#silent() >= blockedAfterMs ? "blocked" : "turning";
  }
}

/** Each millisecond after `from` and up to `to`. */
function milliseconds(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + 1 + i);
}
