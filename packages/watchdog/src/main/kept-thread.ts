import type { Clock, Timer } from "@otel-health/core";
import type { ProbeThread, ThreadListener } from "./probe-thread.ts";

/** Milliseconds before a lost thread is started again: the first time, and at most. */
const firstDelayMs = 1_000;
const longestDelayMs = 30_000;

/** What a {@link KeptThread} is made of. */
export interface KeptThreadParts {
  readonly clock: Clock;
  /** Starts a thread on a port; the first time on the one that was asked for, and waited for. */
  readonly start: (port: number, waitedFor: boolean, onLost: ThreadListener["onLost"]) => Promise<ProbeThread>;
  /** It is there again: why it was lost, when, and how many times it was tried to start. */
  readonly onRestarted: (reason: string, attempts: number) => void;
  /** It could not be started again; it will be tried once more. */
  readonly onFailed: (reason: string) => void;
}

/** A thread that is started again wherever it is lost, later each time, on the port that it first had. */
export class KeptThread {
  readonly #parts: KeptThreadParts;
  #thread: ProbeThread | undefined;
  #port: number;
  #starting: Promise<void> = Promise.resolve();
  #startedAt = 0;
  #delayMs = firstDelayMs;
  #timer: Timer | undefined;
  #closed: Promise<void> | undefined;

  constructor(port: number, parts: KeptThreadParts) {
    this.#port = port;
    this.#parts = parts;
  }

  /** The one that it listens on, once it has started. */
  get port(): number {
    return this.#port;
  }

  /** The first start. Rejects where there can be none, and then nothing is left of it. */
  start(): Promise<void> {
    return this.#start(true);
  }

  async #start(waitedFor: boolean): Promise<void> {
    const thread = await this.#parts.start(this.#port, waitedFor, (reason) => this.#lost(reason));
    this.#thread = thread;
    this.#port = thread.port;
    this.#startedAt = this.#parts.clock.now();
  }

  /** Gives up the thread that there is, so that another one is started once it has ended. */
  giveUp(reason: string): void {
    this.#thread?.giveUp(reason);
  }

  /** Resolves when the thread has ended; no other is started. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    if (this.#timer !== undefined) this.#parts.clock.clearTimer(this.#timer);
    this.#timer = undefined;
    await this.#starting;
    await this.#thread?.close();
  }

  #lost(reason: string): void {
    this.#thread = undefined;
    if (this.#closed !== undefined) return;
    // One that has lived for long was not lost for what ended the ones before.
    if (this.#parts.clock.now() - this.#startedAt >= longestDelayMs) this.#delayMs = firstDelayMs;
    this.#again(reason, 1);
  }

  #again(reason: string, attempt: number): void {
    const { clock } = this.#parts;
    const delayMs = this.#delayMs;
    this.#delayMs = Math.min(2 * delayMs, longestDelayMs);
    this.#timer = clock.setTimer(
      () => {
        this.#timer = undefined;
        this.#starting = this.#restart(reason, attempt);
      },
      delayMs,
      false,
    );
  }

  async #restart(reason: string, attempt: number): Promise<void> {
    try {
      await this.#start(false);
    } catch (error) {
      this.#parts.onFailed(error instanceof Error ? error.message : String(error));
      if (this.#closed === undefined) this.#again(reason, attempt + 1);
      return;
    }
    this.#parts.onRestarted(reason, attempt);
  }
}
