import { fail, type Outcome, warn } from "@otel-health/core";
import type { EtcdStatus } from "./clients.ts";

/** Judges what one member says; undefined where all is well. Throws for what is no member's. */
export function judgeStatus(status: EtcdStatus): Outcome | undefined {
  const { leader, errors = [], isLearner } = status ?? {};
  if (typeof leader !== "string" || leader === "" || !Array.isArray(errors))
    throw new Error("the server's answer is not what etcd would answer");
  const alarms = new Set(
    errors.map((error) => /alarm:(\w+)/.exec(String(error))?.[1]).filter((alarm) => alarm !== undefined),
  );
  if (alarms.has("CORRUPT")) {
    return fail("alarm CORRUPT: members have different data, and nothing is served", {
      errorType: "CORRUPT",
      fault: "persistent",
      hint: "find the member that differs (etcdctl endpoint hashkv), remove it and add it anew, then disarm the alarm",
    });
  }
  if (alarms.has("NOSPACE")) {
    return fail("alarm NOSPACE: the database has reached its quota, and writes are refused", {
      errorType: "NOSPACE",
      fault: "persistent",
      hint: "compact, defragment, then disarm the alarm (etcdctl alarm disarm); or raise quota-backend-bytes",
    });
  }
  if (leader === "0") {
    return fail("the cluster has no leader", {
      errorType: "no_leader",
      hint: "most members are down or cannot reach each other, or an election is under way: look at their logs",
    });
  }
  if (alarms.size > 0) return warn(`alarms: ${[...alarms].join(", ")}`);
  if (isLearner === true) {
    return warn("the member that answered is a learner, which serves next to nothing", {
      hint: "leave it out of the client's hosts until it has been promoted",
    });
  }
  return undefined;
}
