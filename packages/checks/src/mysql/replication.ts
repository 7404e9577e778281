import { fail, type Outcome, warn } from "@otel-health/core";

/** What a server says of one source that it replicates. */
export interface Replication {
  /** Whether it is connected to its source, or has stopped to try. */
  readonly receiving: "yes" | "connecting" | "no";
  readonly applying: boolean;
  /** Null where the server does not know it. */
  readonly lagMs: number | null;
  /** Number of the server's last error; 0 for none. */
  readonly errno: number;
}

/** The columns that are read, by their names in newer and in older servers. */
interface ReplicaStatus {
  readonly Replica_IO_Running?: unknown;
  readonly Slave_IO_Running?: unknown;
  readonly Replica_SQL_Running?: unknown;
  readonly Slave_SQL_Running?: unknown;
  readonly Seconds_Behind_Source?: unknown;
  readonly Seconds_Behind_Master?: unknown;
  readonly Last_SQL_Errno?: unknown;
  readonly Last_IO_Errno?: unknown;
}

/** Reads the rows of `SHOW REPLICA STATUS`, or of `SHOW SLAVE STATUS` of older servers: one for each source. */
export function readReplication(rows: readonly unknown[]): readonly Replication[] {
  return rows.map((row) => {
    if (typeof row !== "object" || row === null) throw new Error("the server answered with a row that is none");
    const columns = row as ReplicaStatus;
    const io = columns.Replica_IO_Running ?? columns.Slave_IO_Running;
    const sql = columns.Replica_SQL_Running ?? columns.Slave_SQL_Running;
    if (typeof io !== "string" || typeof sql !== "string")
      throw new Error("the server's answer is not what MySQL would answer");
    const lag = columns.Seconds_Behind_Source ?? columns.Seconds_Behind_Master ?? null;
    return {
      receiving: io === "Yes" ? "yes" : io === "No" ? "no" : "connecting",
      applying: sql === "Yes",
      lagMs: lag === null || Number.isNaN(Number(lag)) ? null : Number(lag) * 1_000,
      errno: Number(columns.Last_SQL_Errno) || Number(columns.Last_IO_Errno) || 0,
    };
  });
}

/**
 * Judges how a replica follows. The server knows no lag while it is not connected; then it is counted on from where it
 * was known last, since a replica that is cut off falls behind by as much as time passes.
 */
export class Follower {
  readonly #maxLagMs: number;
  #known: { readonly lagMs: number; readonly at: number } | undefined;

  constructor(maxLagMs: number) {
    this.#maxLagMs = maxLagMs;
  }

  judge(sources: readonly Replication[], now: number): Outcome | undefined {
    const stopped = sources.find(({ receiving, applying }) => receiving === "no" || !applying);
    if (stopped !== undefined) return hasStopped(stopped);
    const connected = sources.every(({ receiving, lagMs }) => receiving === "yes" && lagMs !== null);
    // A replica that has never been seen to follow is taken to have followed until now.
    if (connected || this.#known === undefined)
      this.#known = { lagMs: Math.max(0, ...sources.map(({ lagMs }) => lagMs ?? 0)), at: now };
    const lagMs = this.#known.lagMs + (now - this.#known.at);
    if (lagMs > this.#maxLagMs) {
      const least = connected ? "" : "at least ";
      return fail(`the replica is ${least}${Math.round(lagMs)} ms behind, more than ${this.#maxLagMs} ms`, {
        errorType: "replication_lag",
        hint: connected
          ? "the replica cannot keep up: long queries on it, a slow disk, or a burst of writes"
          : "the replica does not reach its source: is that up, and may the replication user log in?",
      });
    }
    if (connected) return undefined;
    return warn("the replica is not connected to its source, so its lag is not known", {
      hint: "is the source up, and may the replication user log in? Last_IO_Error of SHOW REPLICA STATUS tells",
    });
  }
}

function hasStopped({ receiving, applying, errno }: Replication): Outcome {
  const threads = [receiving === "no" ? "I/O" : "", applying ? "" : "SQL"].filter(Boolean).join(" and ");
  const why = errno === 0 ? "" : `, error ${errno}`;
  return fail(`replication has stopped: the ${threads} thread does not run${why}`, {
    errorType: "replication_stopped",
    fault: "persistent",
    hint: "Last_IO_Error and Last_SQL_Error of SHOW REPLICA STATUS tell why; START REPLICA once it is mended",
  });
}
