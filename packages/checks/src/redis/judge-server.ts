import { fail, type Outcome, warn } from "@otel-health/core";
import { type Info, numberOf } from "./read-info.ts";

/** What a server has to be. */
export type RedisRole = "primary" | "replica" | "any";

/** What is wanted of a server. */
export interface Wanted {
  readonly role: RedisRole;
  /** `Infinity` where memory is not looked at. */
  readonly warnMemoryRatio: number;
  /** `Infinity` where a link that is down is no failure however long. */
  readonly maxLinkDownMs: number;
}

/** Judges what INFO says; undefined where all is well. Throws for what is no server's. */
export function judgeServer(info: Info, wanted: Wanted): Outcome | undefined {
  if (info.get("redis_mode") === "sentinel") {
    return fail("it is a sentinel, which keeps no data", {
      errorType: "sentinel",
      fault: "persistent",
      hint: "give the client the sentinels as sentinels, not as its server",
    });
  }
  const loading = judgeLoading(info);
  if (loading !== undefined) return loading;
  const role = info.get("role");
  if (role === "slave") return judgeReplica(info, wanted);
  if (role !== "master") throw new Error("the server's answer is not what Redis would answer");
  if (wanted.role === "replica") {
    return warn("the server is a primary, not a replica", {
      hint: "reads load the primary: look at the client's host",
    });
  }
  return judgeMemory(info, wanted);
}

/** A server that loads answers nothing but INFO and its like. */
export function judgeLoading(info: Info): Outcome | undefined {
  if (info.get("loading") !== "1") return undefined;
  const seconds = numberOf(info, "loading_eta_seconds");
  return fail(`the server is loading its data, about ${seconds} s to go`, {
    errorType: "LOADING",
    hint: "the server was started and reads its data from disk: it answers when that is over",
  });
}

function judgeReplica(info: Info, { role, maxLinkDownMs }: Wanted): Outcome | undefined {
  if (role === "primary") {
    return fail("the server is a replica, not the primary", {
      errorType: "not_primary",
      hint: 'after a failover, let the client connect to the new primary; for a client of reads, say role: "replica"',
    });
  }
  if (info.get("master_link_status") === "up") return undefined;
  // -1 for one that never had a link.
  const seconds = numberOf(info, "master_link_down_since_seconds");
  const since = seconds < 0 ? "" : ` for ${seconds} s`;
  const syncing = info.get("master_sync_in_progress") === "1" ? ", it is being copied" : "";
  const message = `the replica has had no link to its primary${since}${syncing}: what it shows is old`;
  const hint = "is the primary up, can the replica reach it, and does it have the primary's password (masterauth)?";
  if (maxLinkDownMs === Number.POSITIVE_INFINITY) return warn(message, { hint });
  const tooLong = seconds < 0 || seconds * 1_000 > maxLinkDownMs;
  return tooLong ? fail(message, { errorType: "replica_link_down", hint }) : warn(message, { hint });
}

/** Where something is evicted a full memory is what a cache is meant to have. */
function judgeMemory(info: Info, { role, warnMemoryRatio }: Wanted): Outcome | undefined {
  const limit = numberOf(info, "maxmemory");
  if (limit === 0 || info.get("maxmemory_policy") !== "noeviction") return undefined;
  // As the server reckons when it decides about a write.
  const used = numberOf(info, "used_memory") - numberOf(info, "mem_not_counted_for_evict");
  if (used < warnMemoryRatio * limit) return undefined;
  const hint = "raise maxmemory, let keys expire, or let the server evict some (maxmemory-policy)";
  const amounts = `${megabytes(used)} of ${megabytes(limit)} MB`;
  if (used <= limit) return warn(`memory is running out: ${amounts} are used, and nothing is evicted`, { hint });
  const message = `memory has run out: ${amounts} are used, nothing is evicted, writes are refused`;
  return role === "primary" ? fail(message, { errorType: "OOM", hint }) : warn(message, { hint });
}

function megabytes(bytes: number): string {
  return (bytes / 1_048_576).toFixed(1);
}
