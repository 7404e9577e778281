import { fail, type Outcome, warn } from "@otel-health/core";
import { type Info, numberOf } from "./read-info.ts";

const slots = 16_384;

/** Judges what CLUSTER INFO says, as one node sees it; undefined where all is well. Throws for what is no cluster's. */
export function judgeCluster(info: Info): Outcome | undefined {
  const state = info.get("cluster_state");
  if (state === undefined) throw new Error("the server's answer is not what a node of a cluster would answer");
  const assigned = numberOf(info, "cluster_slots_assigned");
  const failed = numberOf(info, "cluster_slots_fail");
  const suspected = numberOf(info, "cluster_slots_pfail");
  const unserved = slots - assigned + failed;
  if (state !== "ok") {
    return fail(`the cluster is down: ${unserved} of its ${slots} slots are not served`, {
      errorType: "CLUSTERDOWN",
      hint: "a primary is down with no replica to take over, slots belong to nobody, or this node sees too few others",
    });
  }
  if (unserved > 0) {
    return warn(`${unserved} of the cluster's ${slots} slots are not served: their keys cannot be used`, {
      hint: "a primary is down with no replica to take over, or slots belong to nobody: see CLUSTER SHARDS",
    });
  }
  if (suspected > 0) {
    return warn(`the node that answered cannot reach who serves ${suspected} of the cluster's ${slots} slots`, {
      hint: "a primary is down, or the network between the nodes: a failover comes after cluster-node-timeout",
    });
  }
  return undefined;
}
