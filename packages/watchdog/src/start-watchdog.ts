import { demand, type Health, systemClock } from "@otel-health/core";
import { mainThreadIsDebugged } from "./capture/main-thread-is-debugged.ts";
import { notifySystemd } from "./host/notify-systemd.ts";
import { notifierEnvironment } from "./host/systemd-notifier.ts";
import { writeLastWords } from "./last-words/last-words.ts";
import { complain, guarded } from "./main/complain.ts";
import { beatInto, startHeartbeat } from "./main/heartbeat.ts";
import { KeptThread } from "./main/kept-thread.ts";
import { makeWorker, startProbeThread } from "./main/probe-thread.ts";
import { Publishing } from "./main/publishing.ts";
import { stillAfterMs, ThreadStillness } from "./main/thread-stillness.ts";
import { WatchdogTelemetry } from "./main/watchdog-telemetry.ts";
import { AnswerCounts } from "./memory/answer-counts.ts";
import { createTripleBuffer, TripleWriter } from "./memory/triple-buffer.ts";
import type { Panic } from "./panics/panic.ts";
import { readWatchdogOptions, type WatchdogOptions } from "./watchdog-options.ts";
import { type ProbeWork, type Pulse, pulseWords } from "./worker/probe-work.ts";

/** The longest publication: answers about ten thousand checks are half as long. */
const maxBytes = 32 * 1_024 * 1_024;

/** A debugger, and a thread that stands still, are looked for every so many milliseconds. */
const lookEveryMs = 1_000;

/** Serves probes from a thread of its own, which never keeps the process alive. */
export interface Watchdog extends AsyncDisposable {
  /** The port that it listens on, also after its thread was lost and started again. */
  readonly port: number;
  /**
   * Writes a panic that ends the process to standard error and the termination log, as the reasons for which liveness
   * fails are: `watchPanics(health, { onPanic: watchdog.lastWords })`. Does nothing for one that does not end it.
   */
  readonly lastWords: (panic: Panic) => void;
  /** Ends the server and the thread, and resolves when both are gone. */
  close(): Promise<void>;
}

/** The parts of a health object that a watchdog needs. */
export type Watched = Pick<
  Health,
  "countAnswer" | "endpoints" | "on" | "report" | "snapshot" | "telemetry" | "verdict"
>;

/**
 * Serves the probes of a health object from a thread of its own, so that they are answered while the event loop is
 * blocked, and says how long it has been. Rejects with Node's error where it cannot listen, and with `HealthError` for any
 * option that cannot be meant.
 */
export async function startWatchdog(health: Watched, options: WatchdogOptions = {}): Promise<Watchdog> {
  demand(typeof health?.endpoints === "function", "health of startWatchdog()", "a health object", health);
  const resolved = readWatchdogOptions(options);
  const { clock, heartbeatMs, captureStack, terminationLog, host } = resolved;
  const publishing = new Publishing(health, resolved.endpoints, clock);
  const plans = publishing.plans();
  const words = AnswerCounts.words(plans);
  const counts = new AnswerCounts(plans, words);
  const pulse: Pulse = new Int32Array(new SharedArrayBuffer(4 * Object.keys(pulseWords).length));
  const { isMainThread } = process.getBuiltinModule("node:worker_threads");
  const systemd = resolved.systemd ? notifierEnvironment(process.env) : undefined;
  const endNotices = systemd && notifySystemd(health, { watchdog: false, env: systemd, clock });
  const telemetry = new WatchdogTelemetry(health, clock);
  const { blockedAfterMs, unreadyAfterMs, deadAfterMs } = resolved;
  const thresholds = { blockedAfterMs, unreadyAfterMs, deadAfterMs, mostPerTickMs: 2 * heartbeatMs };

  const takeCounts = () => counts.take((probe, status, times) => health.countAnswer(probe, status, times));
  let lookedAt = Number.NEGATIVE_INFINITY;
  /** By the process's own clock, which the thread has in any case. */
  let stillness: ThreadStillness | undefined;
  const giveUp = () => {
    const reason = `it stood still for ${stillAfterMs / 1_000} s`;
    complain("the watchdog's thread is given up", reason);
    thread.giveUp(reason);
  };
  const endHeartbeat = startHeartbeat(clock, heartbeatMs, () => {
    const now = clock.now();
    beatInto(pulse, now, blockedAfterMs / 2);
    guarded("publishing to the watchdog's thread", () => {
      publishing.beat(now);
      takeCounts();
    });
    if (now - lookedAt < lookEveryMs) return;
    lookedAt = now;
    const debugged = mainThreadIsDebugged();
    Atomics.store(pulse, pulseWords.debugged, captureStack && debugged ? 1 : 0);
    // Who debugs may have paused that thread as well.
    if (stillness?.look(systemClock.now()) && !debugged) giveUp();
  });
  const thread = new KeptThread(resolved.port, {
    clock,
    start(port, waitedFor, onLost) {
      stillness = new ThreadStillness(pulse, systemClock.now(), 2 * lookEveryMs);
      // One that was lost may have taken a block of it along.
      const answers = createTripleBuffer(maxBytes);
      publishing.publishTo(new TripleWriter(answers));
      const work: ProbeWork = {
        port,
        host,
        plans,
        answers,
        counts: words,
        pulse,
        thresholds,
        lookEveryMs: heartbeatMs,
        watchesMainThread: isMainThread,
        captureStack: captureStack && isMainThread,
        terminationLog,
        systemd,
      };
      return startProbeThread(makeWorker, work, clock, waitedFor, {
        onLost,
        onBlock: (block) => telemetry.blocked(block),
        onProblem: complain,
      });
    },
    onRestarted: (reason, attempts) => telemetry.restarted(reason, attempts),
    onFailed: (reason) => complain("the watchdog's thread cannot be started again", reason),
  });
  const release = () => {
    endHeartbeat();
    endNotices?.();
    publishing.close();
    telemetry.close();
  };
  try {
    await thread.start();
  } catch (error) {
    release();
    throw error;
  }
  let closed: Promise<void> | undefined;
  const close = () => {
    closed ??= thread.close().then(() => {
      takeCounts();
      release();
    });
    return closed;
  };
  const lastWords = (panic: Panic) => {
    if (panic.fatal) guarded("writing last words", () => writeLastWords(panic, health, terminationLog));
  };
  return { port: thread.port, lastWords, close, [Symbol.asyncDispose]: close };
}
