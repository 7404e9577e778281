/** A process that an orchestrator probes and ends. */
export interface Container {
  /** Of 127.0.0.1. */
  readonly port: number;
  /** Whether its process has ended. */
  readonly exited: boolean;
  /** SIGTERM asks it to end, SIGKILL ends it. */
  kill(signal: "SIGTERM" | "SIGKILL"): void;
}
