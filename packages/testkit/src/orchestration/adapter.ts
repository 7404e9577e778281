import type { ConformanceAdapter, ConformanceServer, Setup } from "../conformance/adapter.ts";

/** A server that an orchestrator runs. */
export interface OrchestrationServer extends ConformanceServer {
  /**
   * What the application gives to `drainOnSignals` to close: it takes no more connections, and resolves when the requests
   * in flight are answered. A framework's own way to close is called when health is drained already.
   */
  close(): Promise<unknown>;
}

/** One way to serve probes, in a process that is asked to end some day. Where there is an application, it gets traffic. */
export interface OrchestrationAdapter extends ConformanceAdapter {
  serve(setup: Setup): Promise<OrchestrationServer>;
}
