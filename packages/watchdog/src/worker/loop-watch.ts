import type { Clock, LoopBlock } from "@otel-health/core/worker";
import {
  beatOf,
  type EndedBlock,
  initialLoopState,
  type LoopState,
  reduceLoop,
  type Thresholds,
} from "../block/loop-state.ts";
import type { NamedStack, NameStack } from "../block/named-stack.ts";
import { type BlockCause, causeOf } from "../capture/block-cause.ts";
import type { ThreadTime } from "../capture/thread-time.ts";
import { type Pulse, pulseWords } from "./probe-work.ts";

/** What was found out about a block that is over. */
export interface Findings {
  readonly cause: BlockCause;
  readonly stack: NamedStack | undefined;
}

/** What was read of the loop's thread, and when: monotonic milliseconds. */
interface Reading {
  readonly times: ThreadTime;
  readonly at: number;
}

/** What a {@link LoopWatch} is made of. */
export interface LoopWatchParts {
  readonly clock: Pick<Clock, "now" | "wallTime">;
  readonly pulse: Pulse;
  readonly thresholds: Thresholds;
  /** How the loop's thread has spent its time so far. */
  readonly readTimes: () => ThreadTime;
  /** Undefined where no stack is to be captured. */
  readonly capture: NameStack | undefined;
  /** Hears of each block when it is over and everything is known of it. */
  readonly onEnded: (block: EndedBlock, findings: Findings) => void;
}

/** A block, and what is captured of it. */
interface Episode {
  /** The last beat before it. */
  readonly beat: number;
  /** The first one after it, once that is known. */
  turned?: number;
  stack?: NamedStack | undefined;
  captured?: Promise<void>;
}

/** Watches the loop of another thread by the beats that it writes. */
export class LoopWatch {
  readonly #parts: LoopWatchParts;
  #state: LoopState;
  /** What was read of the thread in this silence: first, last, and when it had run as long as it has by now. */
  #first: Reading | undefined;
  #last: Reading | undefined;
  #still: Reading | undefined;
  #episode: Episode | undefined;

  constructor(parts: LoopWatchParts) {
    this.#parts = parts;
    const { clock, pulse } = parts;
    this.#state = initialLoopState({ now: clock.now(), wallTime: clock.wallTime(), beat: beatIn(pulse) });
  }

  /** What the loop was found to do in the block that there is now, once that is known. */
  get stack(): NamedStack | undefined {
    return this.#episode?.stack;
  }

  /** What its thread does in the silence that there is now, as far as it was asked. */
  get cause(): BlockCause {
    const [first, last] = [this.#first, this.#last];
    if (first === undefined || last === undefined) return { cause: "unknown", onCpuMs: 0, starvedMs: 0 };
    return causeOf(first.times, last.times, last.at - first.at);
  }

  /** To be called often. What the system says of the loop's thread is only read here, and while the loop is silent. */
  tick(): LoopBlock | undefined {
    if (beatIn(this.#parts.pulse) === this.#state.beat) this.#read();
    return this.#look(this.#starved());
  }

  /** The block that there is now. */
  look(): LoopBlock | undefined {
    return this.#look(undefined);
  }

  #look(starvedMs: number | undefined): LoopBlock | undefined {
    const { clock, pulse, thresholds } = this.#parts;
    const tick = { now: clock.now(), wallTime: clock.wallTime(), beat: beatIn(pulse), starvedMs };
    const { state, ended } = reduceLoop(this.#state, tick, thresholds);
    const turned = state.beat !== this.#state.beat;
    this.#state = state;
    if (ended !== undefined) this.#end(ended);
    if (turned) this.#first = this.#last = this.#still = undefined;
    if (state.stage === "turning") return undefined;
    this.#episode ??= this.#begin();
    return { since: state.since, stage: state.stage };
  }

  #read(): void {
    const reading = { times: this.#parts.readTimes(), at: this.#parts.clock.now() };
    this.#first ??= reading;
    this.#last = reading;
    if (reading.times.onCpuMs !== this.#still?.times.onCpuMs) this.#still = reading;
  }

  /** The kernel counts how long a thread was queued when that is over: until then it is ready and does not get on. */
  #starved(): number {
    const [first, last, still] = [this.#first, this.#last, this.#still];
    if (first?.times.queuedMs === undefined || last?.times.queuedMs === undefined) return 0;
    const queuesSince = last.times.state === "R" ? (still ?? last).at : last.at;
    return Math.max(0, last.times.queuedMs - first.times.queuedMs) + last.at - queuesSince;
  }

  #begin(): Episode {
    const { capture, pulse } = this.#parts;
    const episode: Episode = { beat: this.#state.beat };
    // Who debugs the loop's thread may have paused it himself, and does not want it to run on.
    if (capture === undefined || Atomics.load(pulse, pulseWords.debugged) === 1) return episode;
    const wasBlockedAt = (atMs: number) => {
      if (beatIn(pulse) === episode.beat) return true;
      const turned = episode.turned ?? Atomics.load(pulse, pulseWords.turned);
      return ((turned - beatOf(atMs)) | 0) >= 0;
    };
    episode.captured = capture(wasBlockedAt).then((stack) => {
      episode.stack = stack;
    });
    return episode;
  }

  #end(block: EndedBlock): void {
    const episode = this.#episode;
    this.#episode = undefined;
    const { cause } = this;
    const tell = () => this.#parts.onEnded(block, { cause, stack: episode?.stack });
    if (episode !== undefined) episode.turned = Atomics.load(this.#parts.pulse, pulseWords.turned);
    if (episode?.captured === undefined) tell();
    else void episode.captured.then(tell);
  }
}

function beatIn(pulse: Pulse): number {
  return Atomics.load(pulse, pulseWords.beat);
}
