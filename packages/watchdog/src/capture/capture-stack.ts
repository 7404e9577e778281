import type { Session } from "node:inspector";
import { type Clock, systemClock, type Timer } from "@otel-health/core/worker";
import { culpritOf, type Frame } from "./frame.ts";
import { readStack, type SeenStack, stackNow, stackOfNextPromise } from "./stack-probe.ts";

/** Options of {@link captureStack}. */
export interface CaptureOptions {
  /**
   * Whether the loop had not turned since the block began, `atMs` of `process.hrtime()` being when the main thread
   * looked at its stack. Asked once the answer is here; where it says no, the stack is of something else.
   */
  readonly wasBlockedAt: (atMs: number) => boolean;
  /** How long an answer is waited for, milliseconds; default 60 000. */
  readonly withinMs?: number;
  /** Default the process's own. */
  readonly clock?: Clock;
  /** Makes a session with the main thread; default one of `node:inspector`. Throws where there can be none. */
  readonly connect?: () => MainThreadSession;
}

/** What is used of a session of `node:inspector`. */
export type MainThreadSession = Pick<Session, "disconnect"> & {
  post(
    method: "Runtime.evaluate",
    params: object,
    callback: (
      error: Error | null,
      answer?: { readonly result?: unknown; readonly exceptionDetails?: unknown },
    ) => void,
  ): void;
};

/** The stack of the main thread during a block. */
export interface CapturedStack {
  /** At most 50, the innermost first. */
  readonly frames: readonly Frame[];
  /** From the question until the main thread looked, milliseconds. */
  readonly tookMs: number;
  /**
   * Whether that took so long that the main thread was not in JavaScript when it was asked, but in a system call, in
   * the engine (`JSON.parse`, a sort) or starved. The stack is where it came back: what blocked is an earlier call on
   * one of its lines, or one that has returned.
   */
  readonly late: boolean;
}

/** Why there is no stack. */
export interface MissedStack {
  /** In words. */
  readonly missed: string;
}

/** A question to the main thread. */
export interface StackCapture {
  /** Settles once, and never rejects. */
  readonly answer: Promise<CapturedStack | MissedStack>;
  /**
   * Resolves when this thread may end. For a moment after the answer it may not: where the main thread lets go of the
   * session of a thread that is being torn down, Node aborts the process. To end while the question is open does no harm.
   */
  readonly closed: Promise<void>;
  /** Waits no longer; the answer is that it was missed. */
  cancel(): void;
}

/** A main thread that runs JavaScript answers within a few milliseconds. */
const lateAfterMs = 100;

/** Where Node alone was on the stack, or nothing, it is asked again so many times, and after so many milliseconds. */
const retries = 20;
const retryMs = 5;

/** The main thread lets go of a session in less than a millisecond, if it runs at all. */
const letGoMs = 100;

/**
 * From another thread of the process, reads the stack of its main thread while that is blocked, and leaves nothing
 * behind. The main thread is not paused: as soon as it is in JavaScript it is interrupted for the fraction of a
 * millisecond in which it evaluates an expression, and then goes on, whatever has become of this thread. No debugger is
 * enabled, so nothing is deoptimized and no script is announced to this thread.
 */
export function captureStack(options: CaptureOptions): StackCapture {
  const { wasBlockedAt, withinMs = 60_000, clock = systemClock, connect = connectToMainThread } = options;
  const askedAt = clock.now();
  const answer = Promise.withResolvers<CapturedStack | MissedStack>();
  const closed = Promise.withResolvers<void>();
  let session: MainThreadSession | undefined;
  let retry: Timer | undefined;
  let left = retries;
  let over = false;

  const end = (stack: CapturedStack | MissedStack) => {
    if (over) return;
    over = true;
    clock.clearTimer(deadline);
    if (retry !== undefined) clock.clearTimer(retry);
    session?.disconnect();
    // It keeps the thread: where that is closing, nothing else does.
    clock.setTimer(closed.resolve, session === undefined ? 0 : letGoMs, true);
    answer.resolve(stack);
  };
  const ask = (expression: string, awaitPromise: boolean, answered: (seen: SeenStack) => void) => {
    // Silent: a debugger that pauses on exceptions must not do so for one of the probe.
    const question = { expression, awaitPromise, returnByValue: true, silent: true };
    session?.post("Runtime.evaluate", question, (error, answer) => {
      if (over) return;
      try {
        const seen = readStack((answer?.result as { readonly value?: unknown } | undefined)?.value);
        if (seen !== undefined && !wasBlockedAt(seen.atMs))
          end({ missed: "the event loop had turned before the main thread looked" });
        else if (seen !== undefined) answered(seen);
        // The trap is a help, and no more: where it fails, there is still the other question.
        else if (!awaitPromise) end({ missed: `the main thread could not look: ${complaintOf(error, answer)}` });
      } catch (thrown) {
        // Node would make a warning of it, and nothing would follow.
        end({ missed: String(thrown) });
      }
    });
  };
  const stackOf = ({ atMs, frames }: SeenStack): CapturedStack => {
    const tookMs = Math.max(0, atMs - askedAt);
    return { frames, tookMs, late: tookMs > lateAfterMs };
  };
  const look = () => {
    ask(stackNow, false, (seen) => {
      if (culpritOf(seen.frames).culprit !== undefined) return end(stackOf(seen));
      if (left === 0)
        return end(seen.frames.length > 0 ? stackOf(seen) : { missed: "no JavaScript was on the main thread's stack" });
      if (left === retries) ask(stackOfNextPromise, true, onNextPromise);
      left -= 1;
      retry = clock.setTimer(look, retryMs, false);
    });
  };
  const onNextPromise = (seen: SeenStack) => {
    if (culpritOf(seen.frames).culprit !== undefined) end(stackOf(seen));
  };

  const deadline = clock.setTimer(
    () => end({ missed: `the main thread did not come back to JavaScript within ${withinMs} ms` }),
    withinMs,
    false,
  );
  try {
    session = connect();
    look();
  } catch (error) {
    end({ missed: `no session with the main thread: ${error instanceof Error ? error.message : error}` });
  }
  return { answer: answer.promise, closed: closed.promise, cancel: () => end({ missed: "cancelled" }) };
}

/** Loaded when it is needed: most threads that watch never capture anything. */
function connectToMainThread(): MainThreadSession {
  const { Session } = process.getBuiltinModule("node:inspector");
  const session = new Session();
  session.connectToMainThread();
  return session as MainThreadSession;
}

function complaintOf(error: Error | null, answer: unknown): string {
  const { exceptionDetails } = (answer ?? {}) as {
    readonly exceptionDetails?: { readonly text?: string; readonly exception?: { readonly description?: string } };
  };
  const complaint = error?.message ?? exceptionDetails?.exception?.description ?? exceptionDetails?.text ?? "no answer";
  return complaint.split("\n", 1)[0] ?? "";
}
