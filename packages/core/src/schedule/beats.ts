import type { ErrorTypes } from "../observation/error-type.ts";
import { pass } from "../observation/outcome.ts";
import { failed, readReturned } from "../observation/read-answer.ts";
import type { Driver, DriverHost } from "./driver.ts";

/** Waits for beats: silence longer than `maxAgeMs`, counted from the start at the earliest, is a failure. */
export class Beats implements Driver {
  readonly dueAt: undefined = undefined;
  readonly runningForMs: undefined = undefined;
  readonly #maxAgeMs: number;
  readonly #host: DriverHost;
  readonly #errorTypes: ErrorTypes;
  #wakeAt = Number.POSITIVE_INFINITY;
  #lastBeatAt = Number.NEGATIVE_INFINITY;
  #beats = 0;
  #stalledBefore = 0;
  #excused = false;
  #silent = true;
  #running = false;

  constructor(maxAgeMs: number, errorTypes: ErrorTypes, host: DriverHost) {
    this.#maxAgeMs = maxAgeMs;
    this.#errorTypes = errorTypes;
    this.#host = host;
  }

  get wakeAt(): number {
    return this.#wakeAt;
  }

  /** How often it was beaten since it was made. */
  get beats(): number {
    return this.#beats;
  }

  /** Costs a clock read and two stores, save for the first beat after a silence. */
  beat(): void {
    this.#beats++;
    this.#lastBeatAt = this.#host.now();
    if (!this.#silent || !this.#running) return;
    this.#silent = false;
    this.#wakeAt = this.#lastBeatAt + this.#maxAgeMs;
    this.#answer();
  }

  start(): void {
    this.#running = true;
    if (this.#lastBeatAt > Number.NEGATIVE_INFINITY) {
      this.#silent = false;
      this.#answer();
    }
    this.#wakeAt = this.#host.now() + this.#maxAgeMs;
    this.#host.rearm();
  }

  wake(now: number): void {
    if (now < this.#wakeAt) return;
    const silentAt = this.#lastBeatAt + this.#maxAgeMs;
    const stalled = this.#host.stalled() - this.#stalledBefore;
    this.#stalledBefore += stalled;
    const silent = now >= silentAt;
    if (silent && stalled > 0 && !this.#excused) {
      // Nobody could beat while the loop was kept from turning: once, what that took is given back.
      this.#excused = true;
      this.#wakeAt = now + Math.min(stalled, this.#maxAgeMs);
      return;
    }
    this.#excused = false;
    this.#silent = silent;
    this.#wakeAt = silent ? Number.POSITIVE_INFINITY : silentAt;
    this.#answer();
  }

  async stop(): Promise<void> {
    this.#running = false;
    this.#wakeAt = Number.POSITIVE_INFINITY;
  }

  refresh(): undefined {
    return undefined;
  }

  #answer(): void {
    const missed = `no beat for ${this.#maxAgeMs} ms, ${this.#beats} since the start`;
    const answer = this.#silent
      ? failed(missed, undefined, "missed_beat", "transient", 0)
      : readReturned(pass(), this.#errorTypes);
    this.#host.answer(answer, { staleAt: Number.POSITIVE_INFINITY, durationMs: undefined, loopLagMs: 0, stuck: false });
  }
}
