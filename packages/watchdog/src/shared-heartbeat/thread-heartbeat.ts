import {
  type CheckOptions,
  type Clock,
  demand,
  demandCheck,
  demandMs,
  type FunctionCheck,
  fail,
  type Outcome,
  pass,
  systemClock,
  type Timer,
  warn,
} from "@otel-health/core";
import { createMemory, word } from "./heartbeat-memory.ts";
import { initialSilence, nextSilence, type Silence } from "./silence.ts";

/** Options of {@link threadHeartbeat}. */
export interface ThreadHeartbeatOptions extends CheckOptions {
  /** Milliseconds of silence that are tolerated. */
  readonly maxAgeMs: number;
  /** Default the process's own; it must be the health object's. */
  readonly clock?: Clock;
}

/** A heartbeat that another thread of this process beats. */
export interface ThreadHeartbeat {
  /** To be registered with one health object. */
  readonly check: FunctionCheck;
  /** For the thread, as `workerData`: `beatThrough(buffer)` of `@otel-health/watchdog/beat` gives what it calls. */
  readonly buffer: SharedArrayBuffer;
}

const likely = "the thread is blocked, waits for something that does not come, or has ended";

/**
 * A heartbeat for a `worker_threads` thread, through shared memory: a beat costs it no message, and arrives while this
 * thread is blocked. Silence longer than `maxAgeMs` fails at once; until the first beat it is unknown, and fails
 * `maxAgeMs` after the start. Throws `HealthError`.
 */
export function threadHeartbeat(options: ThreadHeartbeatOptions): ThreadHeartbeat {
  const of = "of threadHeartbeat()";
  demand(typeof options === "object" && options !== null, `the options ${of}`, "an object", options);
  const { maxAgeMs, clock = systemClock, critical, probes, hint = likely, ...others } = options;
  const { dependsOn, persistentAfterMs, ...rest } = others;
  demandMs(`maxAgeMs ${of}`, maxAgeMs, 1);
  demand(typeof clock?.setTimer === "function", `clock ${of}`, "a Clock", clock);
  const known = "one of maxAgeMs, clock, critical, probes, hint, dependsOn and persistentAfterMs";
  for (const key of Object.keys(rest)) demand(false, `an option ${of}`, known, key);
  const memory = createMemory();
  const listener = new Listener(memory, maxAgeMs, clock);
  const check: FunctionCheck = {
    ...(critical !== undefined && { critical }),
    ...(probes !== undefined && { probes }),
    ...(dependsOn !== undefined && { dependsOn }),
    ...(persistentAfterMs !== undefined && { persistentAfterMs }),
    hint,
    external: false,
    run: () => listener.answer(),
    attach: (runNow) => listener.start(runNow),
    // What changes is asked for at that moment.
    initialDelayMs: maxAgeMs,
    intervalMs: maxAgeMs,
    jitter: 0,
    failureThreshold: 1,
    gracePeriodMs: 0,
  };
  demandCheck("threadHeartbeat()", check);
  return { check, buffer: memory.buffer };
}

/** Looks at the memory when a silence has become too long, and when one that was is over. */
class Listener {
  readonly #memory: BigInt64Array<SharedArrayBuffer>;
  readonly #maxAgeMs: number;
  readonly #clock: Clock;
  #silence: Silence | undefined;
  #runNow: (() => void) | undefined;
  #timer: Timer | undefined;
  #isAwaiting = false;

  constructor(memory: BigInt64Array<SharedArrayBuffer>, maxAgeMs: number, clock: Clock) {
    this.#memory = memory;
    this.#maxAgeMs = maxAgeMs;
    this.#clock = clock;
  }

  start(runNow: () => void): () => void {
    this.#runNow = runNow;
    // A beat from before the start counts, and is none to measure a silence from.
    this.#silence = initialSilence(this.#clock.now(), this.#beatAt(), this.#maxAgeMs);
    if (this.#silence.beatAt !== undefined) runNow();
    this.#lookLater(this.#silence);
    return () => {
      this.#runNow = undefined;
      this.#disarm();
      // Or what waits for a beat would be kept.
      Atomics.notify(this.#memory, word.awaited);
    };
  }

  answer(): Outcome {
    const { isTooLong, beatAt, since } = this.#look();
    if (isTooLong) {
      const sinceWall = this.#clock.wallTime() - this.#clock.now() + since;
      const beats = Atomics.load(this.#memory, word.beats);
      return fail(`no beat since ${isoSeconds(sinceWall)}, ${beats} so far`, { errorType: "missed_beat" });
    }
    return beatAt === undefined ? warn("no beat yet") : pass();
  }

  #look(): Silence {
    const now = this.#clock.now();
    const before = this.#silence ?? initialSilence(now, undefined, this.#maxAgeMs);
    const silence = nextSilence(before, now, this.#beatAt(), this.#maxAgeMs);
    this.#silence = silence;
    this.#lookLater(silence);
    return silence;
  }

  #beatAt(): number | undefined {
    const nanoseconds = Atomics.load(this.#memory, word.beatAt);
    return nanoseconds === 0n ? undefined : Number(nanoseconds) / 1_000_000;
  }

  #lookLater({ isTooLong, beatAt, lookAt }: Silence): void {
    this.#disarm();
    if (this.#runNow === undefined) return;
    if (isTooLong || beatAt === undefined) this.#awaitBeat(beatAt);
    if (isTooLong) return;
    const waitMs = Math.max(0, lookAt - this.#clock.now());
    // Most looks find nothing that anyone has to hear of.
    const lookAgain = () => void (this.#look().isTooLong && this.#runNow?.());
    this.#timer = this.#clock.setTimer(lookAgain, waitMs, false);
  }

  /** Asks to be woken by the beat that comes after the given one. */
  #awaitBeat(beatAt: number | undefined): void {
    if (this.#isAwaiting) return;
    Atomics.store(this.#memory, word.awaited, 1n);
    const waiting = Atomics.waitAsync(this.#memory, word.awaited, 1n);
    // Beaten before anyone was asked to wake: nobody will.
    if (!waiting.async || this.#beatAt() !== beatAt) this.#runNow?.();
    if (!waiting.async) return;
    this.#isAwaiting = true;
    void waiting.value.then(() => {
      this.#isAwaiting = false;
      this.#runNow?.();
    });
  }

  #disarm(): void {
    if (this.#timer !== undefined) this.#clock.clearTimer(this.#timer);
    this.#timer = undefined;
  }
}

function isoSeconds(wallMs: number): string {
  return `${new Date(wallMs).toISOString().slice(0, -5)}Z`;
}
