import {
  demand,
  demandMs,
  type FunctionCheck,
  type Outcome,
  type RunContext,
  type ScheduleOptions,
} from "@otel-health/core";
import { demandClient, demandOpen, has } from "../dependency/demand-client.ts";
import { dependencyCheck } from "../dependency/dependency-check.ts";
import { PromptAnswers } from "../dependency/prompt-answers.ts";
import { defaultStarvedMs } from "../pool/patience.ts";
import { PoolAsker } from "../pool/pool-asker.ts";
import type { PgClient, PgPool, PgPoolClient, PgQuery, PgResult, PostgresSql } from "./clients.ts";
import { diagnosePostgres } from "./diagnose.ts";
import { ask, askWithLag, judgeStanding, type PostgresRole, readStanding } from "./standing.ts";

export type { PostgresRole } from "./standing.ts";

/** A client that the application has: `Pool` or `Client` of `pg`, or what the function of `postgres` returned. */
export type PostgresClient = PgPool | PgClient | PostgresSql;

/** Options of {@link postgres}: those of any check that is run, and these. */
export interface PostgresOptions extends ScheduleOptions {
  /**
   * What the server has to be. Default "primary": after a failover a pool may go on talking to the old one, which answers
   * every read and takes no write. "standby" for a pool of reads; a primary in its place is a warning.
   */
  readonly role?: PostgresRole;
  /** Milliseconds that a standby may be behind its primary; default any. Asked for only where it is given. */
  readonly maxLagMs?: number;
  /**
   * For a `Pool` of `pg`, milliseconds since the last good answer for which a pool without a free connection is only a
   * warning; default 30 000. Then it fails: calls that hang hold their connections just like that.
   */
  readonly maxStarvedMs?: number;
}

const where = "postgres()";
const expected = "a Pool or Client of pg, or what the function of postgres returned";
const hint =
  "the server took no connection or did not answer: is it up, overloaded or out of connections, and does a firewall drop packets?";

/** Asks the server one question in one round trip, and judges the row that comes back. */
type Ask = (
  context: RunContext,
  text: string,
  judge: (rows: readonly unknown[]) => Outcome | undefined,
) => Promise<Outcome | undefined>;

/**
 * A check of PostgreSQL through the application's own client: one SELECT that reads no table. Fails where no answer comes
 * and where the server is not what `role` says, warns where the pool has no connection to lend. Throws `HealthError` for
 * another client or wrong options.
 */
export function postgres(client: PostgresClient, options: PostgresOptions = {}): FunctionCheck {
  const { role = "primary", maxLagMs = Number.POSITIVE_INFINITY, maxStarvedMs = defaultStarvedMs } = options ?? {};
  demand(["primary", "standby", "any"].includes(role), `role of ${where}`, '"primary", "standby" or "any"', role);
  if (options?.maxLagMs !== undefined) demandMs(`maxLagMs of ${where}`, maxLagMs);
  demandMs(`maxStarvedMs of ${where}`, maxStarvedMs);
  const text = maxLagMs === Number.POSITIVE_INFINITY ? ask : askWithLag;
  const judge = (rows: readonly unknown[]) => judgeStanding(readStanding(rows[0]), role, maxLagMs);
  const asker = askerOf(client, maxStarvedMs);
  return dependencyCheck(
    where,
    options,
    { role: true, maxLagMs: true, maxStarvedMs: true },
    { hint, diagnose: diagnosePostgres, run: (context) => asker(context, text, judge) },
  );
}

function askerOf(client: PostgresClient, maxStarvedMs: number): Ask {
  if (isPool(client)) {
    demandOpen(where, !client.ending);
    return askPool(client, maxStarvedMs);
  }
  if (isSql(client)) return askSql(client);
  demandClient(where, client, expected, isClient(client));
  // It does not tell in public whether it was ended.
  demandOpen(where, (client as { readonly _ending?: unknown })._ending !== true);
  return askClient(client as PgClient);
}

function isPool(client: PostgresClient): client is PgPool {
  return has(client, "connect", "query") && typeof (client as Partial<PgPool>).waitingCount === "number";
}

function isSql(client: PostgresClient): client is PostgresSql {
  return typeof client === "function" && has(client, "unsafe", "end", "reserve");
}

function isClient(client: PostgresClient): boolean {
  return has(client, "connect", "query", "end", "escapeIdentifier");
}

function askPool(pool: PgPool, maxStarvedMs: number): Ask {
  const { max } = pool.options;
  const used = () => pool.totalCount - pool.idleCount;
  const asker = new PoolAsker<PgPoolClient>(
    {
      use: () => ({ max, used: used(), waiting: pool.waitingCount }),
      borrow: () => pool.connect(),
      // After `connectionTimeoutMillis` in the queue; a connection that it opens and gives up has other words.
      isRefusal: (error) =>
        error instanceof Error && /timeout exceeded when trying to connect/i.test(error.message) && used() >= max,
      giveBack: (connection, broken) => connection.release(broken),
    },
    maxStarvedMs,
  );
  // A connection that is lent has nobody to hear its "error", which ends the process; the query fails with it anyway.
  const ignore = () => {};
  return (context, text, judge) =>
    asker.ask(context, async (connection) => {
      connection.on("error", ignore);
      try {
        return judge((await connection.query(inText(text))).rows);
      } finally {
        connection.removeListener("error", ignore);
      }
    });
}

/** For rows of texts, whatever parsers the application has set. */
function inText(text: string): PgQuery {
  return { text, rowMode: "array", types: { getTypeParser: () => (value) => value } };
}

/** One connection, which the application uses too: what was sent cannot be taken back without closing it. */
function askClient(client: PgClient): Ask {
  const answers = new PromptAnswers<PgResult>();
  return async (context, text, judge) => judge((await answers.ask(context, () => client.query(inText(text)))).rows);
}

/**
 * Its pool says nothing of itself. What was sent is left to its connection, since cancelling it would open another.
 */
function askSql(sql: PostgresSql): Ask {
  const answers = new PromptAnswers<readonly unknown[]>();
  return async (context, text, judge) => judge(await answers.ask(context, () => sql.unsafe(text).raw()));
}
