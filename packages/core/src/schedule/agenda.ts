import type { Clock, Timer } from "../clock.ts";
import { detached } from "../telemetry/suppress.ts";
import { Heap, type HeapEntry } from "./heap.ts";
import type { Timeline } from "./timeline.ts";

/** A wake-up is at most this much late, in milliseconds, on a loop that is not kept from turning. */
export const timerAccuracyMs = 10;

/** Something that wants to be woken, at a time of the timeline in milliseconds; it re-arms itself with `agenda.set`. */
export interface AgendaEntry extends HeapEntry {
  wake(now: number): void;
}

/** Wakes entries in the order of their times, with one timer for all. */
export class Agenda {
  readonly #clock: Clock;
  readonly #timeline: Timeline;
  readonly #heap: Heap<AgendaEntry> = new Heap<AgendaEntry>();
  readonly #onWake: () => void;
  #timer: Timer | undefined;
  #armedFor = Number.POSITIVE_INFINITY;
  #keepAlive = false;
  #waking = false;
  #closed = false;
  #lag = 0;

  /** `onWake` is called once before the entries of a wake-up, however many there are. */
  constructor(clock: Clock, timeline: Timeline, onWake: () => void) {
    this.#clock = clock;
    this.#timeline = timeline;
    this.#onWake = onWake;
  }

  /** How late the wake-ups were, all together, where it was more than a timer's own inaccuracy; milliseconds. */
  get lag(): number {
    return this.#lag;
  }

  /** Whether the timer alone keeps the process running. */
  keepAlive(keepAlive: boolean): void {
    if (keepAlive === this.#keepAlive) return;
    this.#keepAlive = keepAlive;
    this.#disarm();
    this.#arm();
  }

  /** Wakes `entry` at `at` instead of whenever it was to be woken; `Infinity` for never. */
  set(entry: AgendaEntry, at: number): void {
    this.#heap.set(entry, this.#closed ? Number.POSITIVE_INFINITY : at);
    this.#arm();
  }

  /** Forgets everything; nothing is woken any more. */
  close(): void {
    this.#closed = true;
    this.#heap.clear();
    this.#disarm();
  }

  #arm(): void {
    if (this.#waking) return;
    const at = this.#heap.first?.wakeAt ?? Number.POSITIVE_INFINITY;
    this.#timeline.expect(at);
    // A timer that fires too early only arms the next one, which is cheaper than moving it each time.
    if (at >= this.#armedFor) return;
    this.#disarm();
    this.#armedFor = at;
    const delayMs = Math.max(0, at - this.#timeline.now());
    this.#timer = this.#clock.setTimer(() => detached(() => this.#fire()), delayMs, this.#keepAlive);
  }

  #disarm(): void {
    if (this.#timer !== undefined) this.#clock.clearTimer(this.#timer);
    this.#timer = undefined;
    this.#armedFor = Number.POSITIVE_INFINITY;
  }

  #fire(): void {
    this.#timer = undefined;
    this.#armedFor = Number.POSITIVE_INFINITY;
    const now = this.#timeline.now();
    const late = now - (this.#heap.first?.wakeAt ?? now);
    if (late > timerAccuracyMs) this.#lag += late;
    this.#waking = true;
    try {
      this.#onWake();
      for (let first = this.#heap.first; first !== undefined && first.wakeAt <= now; first = this.#heap.first) {
        this.#heap.remove(first);
        first.wake(now);
      }
    } finally {
      this.#waking = false;
      this.#arm();
    }
  }
}
