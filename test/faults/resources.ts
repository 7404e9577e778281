import type { FaultProxy } from "@otel-health/testkit";
import type { Dependency } from "./subject.ts";

/** What a process holds for its client. */
export interface Resources {
  /** After a collection of garbage, where the process can be made to. */
  readonly heapBytes: number;
  readonly handles: number;
  readonly listeners: number;
  /** Those that the server sees. */
  readonly connections: number;
}

/** Measured now. */
export async function resourcesOf(dependency: Dependency, proxy: FaultProxy): Promise<Resources> {
  // What is held weakly is let go of in a turn of the loop, and collected by the next.
  for (let i = 0; i < 4; i++) {
    globalThis.gc?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return {
    heapBytes: process.memoryUsage().heapUsed,
    handles: handles(),
    listeners: listenersOf(dependency),
    connections: proxy.connections,
  };
}

/** What keeps a process alive, or could: sockets, servers, timers. */
export function handles(): number {
  return process.getActiveResourcesInfo().filter((kind) => /TCP|TLS|Pipe|UDP|Timeout/.test(kind)).length;
}

/** All listeners on the emitters of a client. */
export function listenersOf({ emitters }: Dependency): number {
  let count = 0;
  for (const emitter of emitters?.() ?? []) {
    for (const name of emitter.eventNames()) count += emitter.listenerCount(name);
  }
  return count;
}
