/**
 * Whether a debugger may be at the main thread, which is the one that must ask: Node was started with `--inspect`, or
 * `inspector.open()` or SIGUSR1 has opened its port since. No stack is captured then.
 */
export function mainThreadIsDebugged(): boolean {
  // Undefined where Node was built without an inspector.
  const inspector: typeof import("node:inspector") | undefined = process.getBuiltinModule("node:inspector");
  return inspector?.url() !== undefined;
}
