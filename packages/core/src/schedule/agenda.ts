import type { Clock, Timer } from "../clock.ts";
import { detached } from "../telemetry/suppress.ts";
import type { Timeline } from "./timeline.ts";

/** A wake-up is at most this much late, in milliseconds, on a loop that is not kept from turning. */
export const timerAccuracyMs = 10;

/** Something that wants to be woken. The agenda owns `position`; the entry re-arms itself with `agenda.set`. */
export interface AgendaEntry {
  /** Index in the agenda's heap, -1 while it is not in it. */
  position: number;
  /** Timeline milliseconds, as last given to `set`. */
  wakeAt: number;
  wake(now: number): void;
}

/** Wakes entries in the order of their times with one timer for all: a binary heap in which each entry knows its place. */
export class Agenda {
  readonly #clock: Clock;
  readonly #timeline: Timeline;
  readonly #heap: AgendaEntry[] = [];
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
    if (at === Number.POSITIVE_INFINITY || this.#closed) this.#remove(entry);
    else if (entry.position < 0) {
      entry.wakeAt = at;
      entry.position = this.#heap.push(entry) - 1;
      this.#up(entry);
    } else {
      const sooner = at < entry.wakeAt;
      entry.wakeAt = at;
      if (sooner) this.#up(entry);
      else this.#down(entry);
    }
    this.#arm();
  }

  /** Forgets everything; nothing is woken any more. */
  close(): void {
    this.#closed = true;
    for (const entry of this.#heap) entry.position = -1;
    this.#heap.length = 0;
    this.#disarm();
  }

  #arm(): void {
    if (this.#waking) return;
    const at = this.#heap[0]?.wakeAt ?? Number.POSITIVE_INFINITY;
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
    const late = now - (this.#heap[0]?.wakeAt ?? now);
    if (late > timerAccuracyMs) this.#lag += late;
    this.#waking = true;
    try {
      this.#onWake();
      for (let first = this.#heap[0]; first !== undefined && first.wakeAt <= now; first = this.#heap[0]) {
        this.#remove(first);
        first.wake(now);
      }
    } finally {
      this.#waking = false;
      this.#arm();
    }
  }

  #remove(entry: AgendaEntry): void {
    const hole = entry.position;
    if (hole < 0) return;
    entry.position = -1;
    entry.wakeAt = Number.POSITIVE_INFINITY;
    const last = this.#heap.pop();
    if (last === undefined || last === entry) return;
    this.#heap[hole] = last;
    last.position = hole;
    this.#up(last);
    this.#down(last);
  }

  #up(entry: AgendaEntry): void {
    let position = entry.position;
    while (position > 0) {
      const above = (position - 1) >> 1;
      const parent = this.#heap[above] as AgendaEntry;
      if (parent.wakeAt <= entry.wakeAt) break;
      this.#heap[position] = parent;
      parent.position = position;
      position = above;
    }
    this.#heap[position] = entry;
    entry.position = position;
  }

  #down(entry: AgendaEntry): void {
    const size = this.#heap.length;
    let position = entry.position;
    for (;;) {
      let below = 2 * position + 1;
      if (below >= size) break;
      if (below + 1 < size && (this.#heap[below + 1] as AgendaEntry).wakeAt < (this.#heap[below] as AgendaEntry).wakeAt)
        below++;
      const child = this.#heap[below] as AgendaEntry;
      if (child.wakeAt >= entry.wakeAt) break;
      this.#heap[position] = child;
      child.position = position;
      position = below;
    }
    this.#heap[position] = entry;
    entry.position = position;
  }
}
