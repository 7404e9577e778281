import type { Cluster, Worker } from "node:cluster";
import { nodeCluster } from "./node-cluster.ts";
import type { PrimaryMessage } from "./worker-message.ts";

/**
 * Asks every worker to end as on SIGTERM, and resolves when all of them have: for the `close` of the primary's
 * `drainOnSignals`. Workers hear of it by their `reportToPrimary`; one that has disconnected is sent the signal. It waits for as
 * long as it takes: the deadline is that of the drain.
 */
export async function endWorkers(cluster: Pick<Cluster, "workers"> = nodeCluster()): Promise<void> {
  const workers = Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);
  await Promise.all(workers.map(end));
}

function end(worker: Worker): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (worker.isDead()) resolve();
  else worker.once("exit", () => resolve());
  const message: PrimaryMessage = { "otel-health": 1, end: true };
  // A channel that is closed is no way to ask.
  worker.send(message, (error: Error | null) => {
    if (error !== null) worker.process.kill("SIGTERM");
  });
  return promise;
}
