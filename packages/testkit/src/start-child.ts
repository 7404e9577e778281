import { Child, type ChildOptions, type LineMatcher } from "./child.ts";

/** Options of {@link startChild}. */
export interface StartChildOptions extends ChildOptions {
  /** The line, of stdout or stderr, by which the process says that it is ready. */
  readonly ready: LineMatcher;
  /** Default 20000. */
  readonly readyTimeoutMs?: number;
}

/** Runs a process and resolves when it is ready. Otherwise rejects with its last output, and nothing is left running. */
export async function startChild({ ready, readyTimeoutMs, ...options }: StartChildOptions): Promise<Child> {
  const child = new Child(options);
  try {
    await child.waitForLine(ready, { timeoutMs: readyTimeoutMs ?? 20_000 });
    return child;
  } catch (error) {
    await child.stop({ signal: "SIGKILL" });
    throw error;
  }
}
