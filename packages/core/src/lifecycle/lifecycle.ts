/** Where a process is in its life. */
export type LifecyclePhase = "starting" | "ready" | "retiring" | "draining" | "stopped" | "failed";

/** A process's life as the probes see it: a value. */
export interface Lifecycle {
  readonly phase: LifecyclePhase;
  /** Startup has finished once; it never counts as unfinished again. */
  readonly started: boolean;
  /** Ready, but not yet for full traffic. */
  readonly warming: boolean;
  /** Why the process declared itself beyond repair; undefined while it has not. */
  readonly fatal: string | undefined;
}

/** The life of a process that has just begun. */
export const born: Lifecycle = { phase: "starting", started: false, warming: false, fatal: undefined };
