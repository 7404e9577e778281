/** What nobody dealt with, in Node's words: an exception that nothing caught, or a rejection that nothing handled. */
export type PanicOrigin = "uncaughtException" | "unhandledRejection";

/** One of them. */
export interface Panic {
  /** What was thrown, or rejected with: anything. */
  readonly error: unknown;
  readonly origin: PanicOrigin;
  /** Wall milliseconds. */
  readonly at: number;
  /** Nothing takes it: Node ends the process as soon as those who are told of it return. */
  readonly fatal: boolean;
}

/** The parts of `process` that tell of panics. */
export interface PanicSource {
  readonly execArgv: readonly string[];
  readonly env: { readonly [name: string]: string | undefined };
  on(event: string, listener: (...args: unknown[]) => void): unknown;
  off(event: string, listener: (...args: unknown[]) => void): unknown;
  listeners(event: string): readonly unknown[];
  listenerCount(event: string): number;
  hasUncaughtExceptionCaptureCallback(): boolean;
}

/** Whether Node ends the process for an exception that nothing caught: it has no listener for them, and no callback. */
export function isFatal(source: Pick<PanicSource, "listenerCount" | "hasUncaughtExceptionCaptureCallback">): boolean {
  return source.listenerCount("uncaughtException") === 0 && !source.hasUncaughtExceptionCaptureCallback();
}
