/** One call of a stack: what Node prints of it, in parts. */
export interface Frame {
  /** As in a stack of Node: `Object.handler`, `new Pool`, `async load`; `<anonymous>` where a function has no name. */
  readonly functionName: string;
  /**
   * The path of the script, or what Node prints for code that is in no file: `node:fs`, `wasm://…`, `eval at …`. Absent
   * for a function of the engine, such as `JSON.parse`, as `line` and `column` are.
   */
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
  /** From 1. */
  readonly column?: number;
}

/** A frame that says where it is. */
export interface LocatedFrame extends Frame {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Who is to be named of all that are on a stack. */
export interface Culprit {
  /** The innermost call that is neither the engine's nor Node's own; it may be a library's. */
  readonly culprit?: LocatedFrame;
  /** The innermost call outside `node_modules`: the application's part in it, and often the culprit itself. */
  readonly caller?: LocatedFrame;
}

const inLibrary = /[\\/]node_modules[\\/]/;

/** Finds both in a stack, whose innermost call comes first. Where nothing but Node runs there is neither. */
export function culpritOf(frames: readonly Frame[]): Culprit {
  const suspects = frames.filter(isLocated).filter(({ file }) => !file.startsWith("node:"));
  const culprit = suspects[0];
  const caller = suspects.find(({ file }) => !inLibrary.test(file));
  return { ...(culprit !== undefined && { culprit }), ...(caller !== undefined && { caller }) };
}

/** The stack as Node prints it below an error's message, a line a frame. */
export function formatStack(frames: readonly Frame[]): string {
  return frames.map((frame) => `    at ${formatFrame(frame)}`).join("\n");
}

/** Whether a frame is of code that has a place. */
export function isLocated(frame: Frame): frame is LocatedFrame {
  return frame.file !== undefined && frame.line !== undefined && frame.column !== undefined;
}

function formatFrame(frame: Frame): string {
  const place = isLocated(frame) ? `${frame.file}:${frame.line}:${frame.column}` : "<anonymous>";
  // Node leaves out a name that says nothing.
  const name = frame.functionName.replace(/^(async )?<anonymous>$/, "$1");
  return name === "" || name === "async " ? `${name}${place}` : `${name} (${place})`;
}
