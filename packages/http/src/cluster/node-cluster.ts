import type { Cluster } from "node:cluster";

/** `node:cluster`, loaded by those who use it. What is got this way is the cluster itself, which its type does not know. */
export function nodeCluster(): Cluster {
  return process.getBuiltinModule("node:cluster") as unknown as Cluster;
}
