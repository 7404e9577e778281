import { setTimeout as delay } from "node:timers/promises";
import type { HeartbeatHandle } from "@otel-health/http";

/** A worker beside the requests: what it does here is to be alive. */
export async function runOutbox(heartbeat: HeartbeatHandle): Promise<void> {
  for (;;) {
    heartbeat.beat();
    await delay(1_000, undefined, { ref: false });
  }
}
