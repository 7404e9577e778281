import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import { type Clock, demandMs, type Timer } from "@otel-health/core";

/** How the event loop did in one interval. */
export interface LoopReading {
  /** 99 of 100 looks at the loop found it late by no more than this, milliseconds. */
  readonly p99Ms: number;
  /** The latest that it was, milliseconds: a single block shows here, and in no mean and often in no percentile. */
  readonly maxMs: number;
  /** Share of the interval in which the loop was not waiting for events, 0 to 1. */
  readonly utilization: number;
}

/** Options of {@link LoopSampler}. */
export interface LoopSamplerOptions {
  /** Milliseconds that one reading covers; default 10 000. */
  readonly intervalMs?: number;
  /**
   * Milliseconds between two looks at the loop; default 50. A block is seen short by up to this. Each look wakes an idle
   * process: at 10 ms that costs about three times what it does at 50.
   */
  readonly resolutionMs?: number;
}

const nanosecondsPerMs = 1e6;
/** With fewer values than this the 99th percentile is the highest of them. */
const fewestForPercentile = 100;

/**
 * Measures delay and utilization of the event loop in intervals that follow each other, so that a reading tells of now and
 * not of the time since boot. One can be shared: it samples from the first `start` until everyone has stopped. It never
 * keeps the process alive.
 */
export class LoopSampler {
  readonly #intervalMs: number;
  readonly #resolutionMs: number;
  #users = 0;
  #current: Intervals | undefined;
  #reading: LoopReading | undefined;

  /** Throws `HealthError` for an option that cannot be meant. */
  constructor({ intervalMs = 10_000, resolutionMs = 50 }: LoopSamplerOptions = {}) {
    demandMs("intervalMs of LoopSampler", intervalMs, 1);
    demandMs("resolutionMs of LoopSampler", resolutionMs, 1);
    this.#intervalMs = intervalMs;
    this.#resolutionMs = Math.ceil(resolutionMs);
  }

  /** Samples until the function that it returns is called. The clock of whoever starts first times the intervals. */
  start(clock: Clock): () => void {
    this.#users += 1;
    this.#current ??= new Intervals(clock, this.#intervalMs, this.#resolutionMs, (reading) => {
      this.#reading = reading;
    });
    let stopped = false;
    return () => {
      if (stopped) return;
      stopped = true;
      this.#users -= 1;
      if (this.#users > 0) return;
      this.#current?.stop();
      this.#current = undefined;
      this.#reading = undefined;
    };
  }

  /** The last interval that is complete; undefined before the first one is, and while nobody has started it. */
  read(): LoopReading | undefined {
    return this.#reading;
  }
}

/** One interval after the other, until it is stopped. */
class Intervals {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #resolutionMs: number;
  readonly #tell: (reading: LoopReading) => void;
  readonly #delays: ReturnType<typeof monitorEventLoopDelay>;
  #used = performance.eventLoopUtilization();
  /** The most by which a timer of ours was late in this interval. */
  #lateMs = 0;
  #timer: Timer;

  constructor(clock: Clock, intervalMs: number, resolutionMs: number, tell: (reading: LoopReading) => void) {
    this.#clock = clock;
    this.#intervalMs = intervalMs;
    this.#resolutionMs = resolutionMs;
    this.#tell = tell;
    this.#delays = monitorEventLoopDelay({ resolution: resolutionMs });
    this.#delays.enable();
    this.#timer = this.#begin();
  }

  stop(): void {
    this.#delays.disable();
    this.#clock.clearTimer(this.#timer);
  }

  /**
   * The histogram records the time between two looks, and a reset makes it forget the last one: what blocks the loop
   * around a reset, until the look that follows, is lost to it. There the lateness of our own timers is taken.
   */
  #begin(): Timer {
    return this.#after(this.#resolutionMs, () => {
      this.#timer = this.#after(Math.max(0, this.#intervalMs - this.#resolutionMs), () => this.#turn());
    });
  }

  #after(ms: number, then: () => void): Timer {
    const dueAt = this.#clock.now() + ms;
    const fire = () => {
      this.#lateMs = Math.max(this.#lateMs, this.#clock.now() - dueAt);
      then();
    };
    return this.#clock.setTimer(fire, ms, false);
  }

  #turn(): void {
    const { count, max } = this.#delays;
    const maxMs = Math.max(this.#lateMs, count > 0 ? this.#delayed(max) : 0);
    const p99Ms = count < fewestForPercentile ? maxMs : this.#delayed(this.#delays.percentile(99));
    const used = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(used, this.#used);
    this.#delays.reset();
    this.#used = used;
    this.#lateMs = 0;
    this.#timer = this.#begin();
    this.#tell({ p99Ms, maxMs, utilization: Number.isFinite(utilization) ? utilization : 0 });
  }

  /** The time between two looks without the resolution, which is no delay. */
  #delayed(nanoseconds: number): number {
    return Math.max(0, nanoseconds / nanosecondsPerMs - this.#resolutionMs);
  }
}
