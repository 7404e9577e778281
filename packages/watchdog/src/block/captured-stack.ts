/** What the loop's thread was doing. */
export interface CapturedStack {
  /** One call a line, the innermost first, as in the `stack` of an error. */
  readonly stacktrace: string;
  /** Of the innermost call that is not Node's own: missing where there is none. */
  readonly functionName?: string | undefined;
  readonly filePath?: string | undefined;
  readonly lineNumber?: number | undefined;
  /** The thread was not in JavaScript when it was asked: this is where it came back to. */
  readonly late?: boolean | undefined;
}

/**
 * Looks once; never rejects. Whether the loop had not turned since the block began is asked of what it saw:
 * `atMs` is monotonic.
 */
export type CaptureStack = (wasBlockedAt: (atMs: number) => boolean) => Promise<CapturedStack | undefined>;
