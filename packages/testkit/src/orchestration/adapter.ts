import type { ConformanceAdapter, ConformanceServer, Setup } from "../conformance/adapter.ts";

/** A server that an orchestrator runs. */
export interface OrchestrationServer extends ConformanceServer {
  /**
   * Called before the first request. Returns what the application gives to `drainOnSignals` to close: `gracefulClose()`,
   * or the framework's own way, which finds health drained already.
   */
  closing(): () => Promise<unknown>;
}

/** One way to serve probes, in a process that is asked to end some day. Where there is an application, it gets traffic. */
export interface OrchestrationAdapter extends ConformanceAdapter {
  serve(setup: Setup): Promise<OrchestrationServer>;
}
