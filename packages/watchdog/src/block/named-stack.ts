/** What the loop's thread was doing, as telemetry tells it. */
export interface NamedStack {
  /** One call a line, the innermost first, as in the `stack` of an error. */
  readonly stacktrace: string;
  /** Of the innermost call that is not Node's own: missing where there is none. */
  readonly functionName?: string | undefined;
  readonly filePath?: string | undefined;
  readonly lineNumber?: number | undefined;
  /** Where the thread came back to JavaScript, when it was asked long before: see `CapturedStack`. */
  readonly late?: boolean | undefined;
}

/**
 * Looks once, and never rejects; undefined where nothing was found. Of what it saw it asks whether that was in the block:
 * `atMs` is monotonic.
 */
export type NameStack = (wasBlockedAt: (atMs: number) => boolean) => Promise<NamedStack | undefined>;
