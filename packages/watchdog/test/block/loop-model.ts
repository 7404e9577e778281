import { beatOf, type EndedBlock, type LoopTick, type Stage, type Thresholds } from "../../src/block/loop-state.ts";

/** What happens between two looks. */
export interface Step {
  readonly passMs: number;
  readonly beats: boolean;
  /** How long before the look, if it beats; at most as long as the time that passes. */
  readonly beatMsAgo: number;
  /** Of what passed since it was asked for last. */
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
  #starvedMs = 0;
  #since: number;
  /** The milliseconds of the silence that were listened to, and how its thread spent each of them. */
  #silence: ("starved" | "not starved" | "unasked")[] = [];
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
    const listened = milliseconds(from, this.#now).slice(-this.#thresholds.mostPerTickMs);
    for (const ms of listened) if (!turned || ms <= beatAt) this.#silence.push("unasked");
    if (asks) {
      this.#starvedMs += starvedMs;
      let left = starvedMs;
      this.#silence = this.#silence.map((how) => {
        if (how !== "unasked") return how;
        return left-- > 0 ? "starved" : "not starved";
      });
    }
    if (!turned) return;
    const stage = this.#stage();
    const { silentMs, starvedMs: starved } = this.#sums();
    if (stage !== "turning") this.#ended = { stage, since: this.#since, silentMs, starvedMs: starved };
    this.#beat = beatOf(beatAt);
    this.#since = this.#epoch + beatAt;
    this.#silence = listened.filter((ms) => ms > beatAt).map(() => "unasked");
  }

  tick(): LoopTick {
    const wallTime = this.#epoch + this.#now;
    return { now: this.#now, wallTime, beat: this.#beat, starvedMs: this.#asks ? this.#starvedMs : undefined };
  }

  state(): object {
    return { stage: this.#stage(), since: this.#since, ...this.#sums() };
  }

  ended(): EndedBlock | undefined {
    return this.#ended;
  }

  #sums() {
    const count = (wanted: string) => this.#silence.filter((how) => how === wanted).length;
    return { silentMs: this.#silence.length, starvedMs: count("starved"), unaskedMs: count("unasked") };
  }

  #stage(): Stage {
    const { silentMs, starvedMs, unaskedMs } = this.#sums();
    const { blockedAfterMs, unreadyAfterMs, deadAfterMs } = this.#thresholds;
    if (silentMs - starvedMs - unaskedMs >= deadAfterMs) return "dead";
    if (silentMs >= unreadyAfterMs) return "unready";
    return silentMs >= blockedAfterMs ? "blocked" : "turning";
  }
}

/** Each millisecond after `from` and up to `to`. */
function milliseconds(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + 1 + i);
}
