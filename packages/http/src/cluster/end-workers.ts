import type { Cluster, Worker } from "node:cluster";
import { howEnded } from "./how-ended.ts";
import { nodeCluster } from "./node-cluster.ts";
import type { PrimaryMessage } from "./worker-message.ts";

/**
 * Asks every worker to end as on SIGTERM, and resolves when all of them have: for the `close` of the primary's
 * `drainOnSignals`. Workers hear of it by their `reportToPrimary`; one that has disconnected is sent the signal. It waits for as
 * long as it takes: the deadline is that of the drain. Rejects, once all have ended, where one has not with exit code 0.
 */
export async function endWorkers(cluster: Pick<Cluster, "workers"> = nodeCluster()): Promise<void> {
  const workers = Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);
  const ended = await Promise.all(workers.filter((worker) => !worker.isDead()).map(end));
  const troubles = ended.filter((trouble) => trouble !== undefined);
  if (troubles.length > 0) throw new Error(troubles.join(", "));
}

/** Resolves to how it ended, where that was not well. */
function end(worker: Worker): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  worker.once("exit", (code: number | null, signal: string | null) => {
    resolve(code === 0 ? undefined : `worker ${worker.id} ${howEnded(code, signal)}`);
  });
  const message: PrimaryMessage = { "otel-health": 1, end: true };
  // A channel that is closed is no way to ask.
  worker.send(message, (error: Error | null) => {
    if (error !== null) worker.process.kill("SIGTERM");
  });
  return promise;
}
