/** What the loop's thread was doing, innermost call first. */
export interface CapturedStack {
  /** One call a line, as in the `stack` of an error. */
  readonly stacktrace: string;
  /** Of the innermost call that has a place: missing where it is Node's own. */
  readonly functionName?: string | undefined;
  readonly filePath?: string | undefined;
  readonly lineNumber?: number | undefined;
}

/** Looks once; never rejects, and has an end of its own. */
export type CaptureStack = () => Promise<CapturedStack | undefined>;
