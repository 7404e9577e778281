import {
  type Clock,
  demand,
  demandMs,
  type Health,
  type LifecyclePhase,
  systemClock,
  type Timer,
} from "@otel-health/core";
import { isEnd, workerMessage } from "./worker-message.ts";

/** The parts of `process` that a worker uses. */
export interface WorkerProcess {
  send?(message: unknown, callback: (error: Error | null) => void): unknown;
  on(event: "message", listener: (message: unknown) => void): unknown;
  off(event: "message", listener: (message: unknown) => void): unknown;
  emit(event: "SIGTERM", signal: "SIGTERM"): boolean;
  exit(code: number): unknown;
}

/** Options of {@link reportToPrimary}. */
export interface ReportOptions {
  /** Milliseconds between two messages where nothing changes; default 1 000. */
  readonly intervalMs?: number;
  /** Default this process. */
  readonly process?: WorkerProcess;
  /** Default the process's own. */
  readonly clock?: Clock;
}

const leaving: ReadonlySet<LifecyclePhase> = new Set(["draining", "stopped"]);

/**
 * A terminal or a supervisor that signals the whole group has signalled this worker too, and a second signal would cut its
 * drain: its own comes first or within this time, however busy it is.
 */
const ownSignalMs = 100;

/**
 * Tells the primary of a cluster how this worker is: at once where that changes, and every so often that it is there at
 * all. Asked by the primary to end, it does what it does on SIGTERM. Returns a function that ends the reports. Throws
 * `HealthError` in a process that has no primary.
 */
export function reportToPrimary(health: Pick<Health, "snapshot" | "on">, options: ReportOptions = {}): () => void {
  const of = "of reportToPrimary()";
  demand(typeof options === "object" && options !== null, `the options ${of}`, "an object", options);
  const { intervalMs = 1_000, process: worker = process as WorkerProcess, clock = systemClock, ...rest } = options;
  demand(typeof health?.snapshot === "function", `health ${of}`, "a health object", health);
  demandMs(`intervalMs ${of}`, intervalMs, 1);
  demand(typeof clock?.setTimer === "function", `clock ${of}`, "a Clock", clock);
  for (const key of Object.keys(rest)) demand(false, `an option ${of}`, "one of intervalMs, process and clock", key);
  const hasPrimary = typeof worker?.send === "function";
  demand(hasPrimary, `process ${of}`, "one with an IPC channel, such as a worker of node:cluster", worker);

  let sending = false;
  let changed = false;
  let ended = false;
  const send = () => {
    if (ended) return;
    // One at a time: a primary that does not read is told the newest once it does.
    changed = sending;
    if (sending) return;
    sending = true;
    // Without a callback a primary that is gone would be an error event of the process.
    const done = () => {
      sending = false;
      if (changed) send();
    };
    try {
      worker.send?.(workerMessage(health.snapshot()), done);
    } catch {
      // The channel is closed: the primary is gone, or has disconnected this worker.
      done();
    }
  };
  const beat = () => {
    send();
    timer = clock.setTimer(beat, intervalMs, false);
  };
  const end = () => {
    if (leaving.has(health.snapshot().lifecycle)) return;
    if (!worker.emit("SIGTERM", "SIGTERM")) worker.exit(0);
  };
  let ending: Timer | undefined;
  const onMessage = (message: unknown) => {
    if (isEnd(message)) ending ??= clock.setTimer(end, ownSignalMs, true);
  };
  worker.on("message", onMessage);
  const off = health.on("change", send);
  let timer = clock.setTimer(beat, intervalMs, false);
  send();
  return () => {
    ended = true;
    off();
    worker.off("message", onMessage);
    clock.clearTimer(timer);
    if (ending !== undefined) clock.clearTimer(ending);
  };
}
