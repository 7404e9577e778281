import type { Clock } from "../clock.ts";
import type { Health } from "../health.ts";
import { OptionReader } from "../option-reader.ts";
import { readClock } from "../resolve-clock.ts";
import { complain } from "../telemetry/guard.ts";
import { within } from "./drain.ts";

/** Signals that Node can listen to by these names. */
export type DrainSignal = "SIGTERM" | "SIGINT" | "SIGHUP" | "SIGQUIT" | "SIGUSR2" | "SIGBREAK";

const drainSignals: readonly DrainSignal[] = ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGUSR2", "SIGBREAK"];

/** The parts of `process` that signal handling uses. */
export interface SignalSource {
  prependListener(signal: DrainSignal, listener: (signal: DrainSignal) => void): unknown;
  removeListener(signal: DrainSignal, listener: (signal: DrainSignal) => void): unknown;
  exit(code: number): unknown;
}

/** One thing that is closed; the next one waits until it is done. */
export type CloseHook = () => unknown;

/** What happens from the first signal to the exit. */
export interface DrainOnSignalsOptions {
  /** Default SIGTERM and SIGINT. */
  readonly signals?: readonly DrainSignal[];
  /** Milliseconds during which requests are still served after readiness has failed; default 5 000. */
  readonly delayMs?: number;
  /**
   * Closes what the application owns, after the delay: its server first, then what the server used. Of several, each is
   * awaited before the next, and one that fails keeps none of the others from being closed.
   */
  readonly close?: CloseHook | readonly CloseHook[];
  /** Called last, for example to shut the telemetry SDK down. */
  readonly flush?: () => void | Promise<void>;
  /** Milliseconds for all of it; default `delayMs` + 10 000. What is not done by then is cut off with exit code 1. */
  readonly deadlineMs?: number;
  /** Where signals come from; default this process. */
  readonly process?: SignalSource;
  /** Default the process's own. */
  readonly clock?: Clock;
}

function readHooks(reader: OptionReader): readonly CloseHook[] {
  const given = reader.unchecked("close");
  if (given === undefined) return [];
  const hooks: readonly unknown[] = Array.isArray(given) ? given : [given];
  if (hooks.some((hook) => typeof hook !== "function")) reader.fail("close", "a function or an array of them", given);
  return hooks as readonly CloseHook[];
}

/**
 * Drains on a signal and then exits: readiness fails at once, requests are served for the delay, `close`, the health
 * object's `stop()`, `flush`. Exit code 0 where all of it went well and in time, else 1; a second signal exits with 1
 * at once. Its listeners come before others, so that the change is told before an SDK shuts down. Returns a function
 * that ends the handling.
 */
export function drainOnSignals(
  health: Pick<Health, "drain" | "stop">,
  options: DrainOnSignalsOptions = {},
): () => void {
  const reader = new OptionReader("drainOnSignals()", options);
  const mend = "leave it out for SIGTERM and SIGINT";
  const signals = reader.someOf("signals", drainSignals, ["SIGTERM", "SIGINT"], mend);
  const delayMs = reader.ms("delayMs", 5_000);
  const deadlineMs = reader.ms("deadlineMs", delayMs + 10_000);
  if (deadlineMs < delayMs)
    reader.contradiction(
      `deadlineMs (${deadlineMs}) is shorter than delayMs (${delayMs}); raise it or shorten the delay`,
    );
  const close = readHooks(reader);
  const flush = reader.function<() => void | Promise<void>>("flush");
  const sourceMethods = ["prependListener", "removeListener", "exit"] as const;
  const source = reader.provider<SignalSource>(
    "process",
    "a source of signals",
    sourceMethods,
    process as SignalSource,
  );
  const clock = readClock(reader);
  reader.done();
  const target = new OptionReader("drainOnSignals()", { health });
  target.provider<typeof health>("health", "a health object", ["drain", "stop"]);

  let asked = false;
  const onSignal = () => {
    if (asked) {
      source.exit(1);
      return;
    }
    asked = true;
    let clean = true;
    let done = false;
    const step = async (what: string, call: (() => unknown) | undefined) => {
      try {
        await call?.();
      } catch (error) {
        clean = false;
        complain(`${what} failed while the process drained`, error);
      }
    };
    const sequence = async () => {
      await step("drain()", () => health.drain({ delayMs, deadlineMs, exiting: true }));
      for (const [i, hook] of close.entries()) await step(close.length > 1 ? `close[${i}]` : "close", hook);
      await step("stop()", () => health.stop());
      await step("flush", flush);
      done = true;
    };
    void within(clock, deadlineMs, sequence()).then(() => source.exit(clean && done ? 0 : 1));
  };
  for (const signal of signals) source.prependListener(signal, onSignal);
  return () => {
    for (const signal of signals) source.removeListener(signal, onSignal);
  };
}
