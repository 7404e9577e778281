import { fail, type Outcome, warn } from "@otel-health/core";

/** What a database has to be. */
export type PostgresRole = "primary" | "standby" | "any";

/** What a server says of itself, in one row. */
export interface Standing {
  readonly recovering: boolean;
  readonly readOnly: boolean;
  /** How far what it shows is behind the primary; null where it is none's standby, or where nothing was replayed yet. */
  readonly lagMs: number | null;
  /** Whether a standby receives what the primary writes. */
  readonly receiving: boolean;
}

/** In text, which reads the same in every client. */
const standing = "pg_is_in_recovery()::text, current_setting('transaction_read_only')";

/** One round trip; nothing is written, no table is read. */
export const ask: string = `SELECT ${standing}`;

/**
 * The same with the lag. What was received and replayed is no lag only while something is received: a standby that has
 * lost its primary has replayed all it ever got.
 */
export const askWithLag: string = `SELECT ${standing}, receiving::text, (CASE WHEN NOT pg_is_in_recovery() THEN NULL
  WHEN receiving AND pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
  ELSE extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()) * 1000 END)::text
  FROM (SELECT EXISTS (SELECT FROM pg_stat_wal_receiver WHERE pid IS NOT NULL) AS receiving) AS receiver`;

/** Reads the row that {@link ask} or {@link askWithLag} brought, by position: a client may rename columns. */
export function readStanding(row: unknown): Standing {
  if (typeof row !== "object" || row === null) throw new Error("the server answered without a row");
  const text = (column: number) => String((row as ArrayLike<unknown>)[column] ?? "");
  const [recovering, readOnly, receiving, lagMs] = [text(0), text(1), text(2), text(3)];
  if (!["true", "false"].includes(recovering) || !["on", "off"].includes(readOnly))
    throw new Error("the server's answer is not what PostgreSQL would answer");
  return {
    recovering: recovering === "true",
    readOnly: readOnly === "on",
    lagMs: lagMs === "" ? null : Math.max(0, Number(lagMs)),
    receiving: receiving === "true",
  };
}

/** Whether a server that answers is the one that is wanted. */
export function judgeStanding(
  { recovering, readOnly, lagMs, receiving }: Standing,
  role: PostgresRole,
  maxLagMs: number,
): Outcome | undefined {
  if (role === "primary" && recovering) {
    return fail("the server is in recovery: a standby, not the primary", {
      errorType: "not_primary",
      hint: 'after a failover, let the client connect to the new primary; for a pool of reads, say role: "standby"',
    });
  }
  if (role === "primary" && readOnly) {
    return fail("the server takes no writes: transactions are read-only", {
      errorType: "read_only",
      hint: "look at default_transaction_read_only of server, database and user; for a pool of reads, say role",
    });
  }
  if (role === "standby" && !recovering) {
    return warn("the server is the primary, not a standby", {
      hint: "reads load the primary: look at the pool's host",
    });
  }
  if (!recovering || maxLagMs === Number.POSITIVE_INFINITY) return undefined;
  if (lagMs === null) {
    return warn("the standby has not replayed a transaction yet, its lag is not known");
  }
  if (lagMs <= maxLagMs) return undefined;
  const source = receiving ? "" : ", and nothing is received from the primary";
  return fail(`the standby is ${Math.round(lagMs)} ms behind, more than ${maxLagMs} ms${source}`, {
    errorType: "replication_lag",
    hint: receiving
      ? "the standby cannot keep up: long queries on it, a slow disk, or a burst of writes"
      : "is the primary up, and does the standby's primary_conninfo reach it?",
  });
}
