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
import type {
  MariadbPool,
  Mysql2CallbackConnection,
  Mysql2CallbackPool,
  Mysql2Connection,
  Mysql2Pool,
  MysqlQuery,
} from "./clients.ts";
import { diagnoseMysql } from "./diagnose.ts";
import { poolOfMariadb, poolOfMysql2 } from "./pools.ts";
import { type Ask, type Question, questionFor } from "./question.ts";
import type { MysqlRole } from "./standing.ts";

export type { MysqlRole } from "./standing.ts";

/** A client that the application has: pool or connection of `mysql2` or `mysql2/promise`, or a pool of `mariadb`. */
export type MysqlClient = Mysql2Pool | Mysql2CallbackPool | Mysql2Connection | Mysql2CallbackConnection | MariadbPool;

/** Options of {@link mysql}: those of any check that is run, and these. */
export interface MysqlOptions extends ScheduleOptions {
  /**
   * What the server has to be. Default "primary": after a failover a pool may go on talking to the old one, which answers
   * every read and takes no write. "replica" asks for the state of replication, which needs a privilege; "any" only
   * whether it answers.
   */
  readonly role?: MysqlRole;
  /** Milliseconds that a replica may be behind its source; default any. The server counts in seconds. */
  readonly maxLagMs?: number;
  /**
   * For a pool, milliseconds since the last good answer for which a pool without a free connection is only a warning;
   * default 30 000. Then it fails: calls that hang hold their connections just like that.
   */
  readonly maxStarvedMs?: number;
}

const where = "mysql()";
const expected = "a pool or connection of mysql2 or mysql2/promise, or a pool of mariadb";
const hint =
  "the server took no connection or did not answer: is it up, overloaded or out of connections, and does a firewall drop packets?";

/** Puts a question to a server through one connection. */
type Asker = (context: RunContext, question: Question) => Promise<Outcome | undefined>;

/**
 * A check of MySQL or MariaDB through the application's own client: one statement that reads no table. Fails where no
 * answer comes and where the server is not what `role` says, warns where the pool has no connection to lend. Throws
 * `HealthError` for another client or wrong options.
 */
export function mysql(client: MysqlClient, options: MysqlOptions = {}): FunctionCheck {
  const { role = "primary", maxLagMs = Number.POSITIVE_INFINITY, maxStarvedMs = defaultStarvedMs } = options ?? {};
  demand(["primary", "replica", "any"].includes(role), `role of ${where}`, '"primary", "replica" or "any"', role);
  if (options?.maxLagMs !== undefined) {
    demandMs(`maxLagMs of ${where}`, maxLagMs);
    demand(role !== "primary", `role of ${where} with maxLagMs`, '"replica" or "any"', role);
  }
  demandMs(`maxStarvedMs of ${where}`, maxStarvedMs);
  const asker = askerOf(client, maxStarvedMs);
  const question = questionFor(role, maxLagMs);
  return dependencyCheck(
    where,
    options,
    { role: true, maxLagMs: true, maxStarvedMs: true },
    { hint, diagnose: diagnoseMysql, run: (context) => asker(context, question) },
  );
}

function askerOf(client: MysqlClient, maxStarvedMs: number): Asker {
  if (isMariadbPool(client)) {
    demandOpen(where, !client.closed);
    return askPool(new PoolAsker(poolOfMariadb(client), maxStarvedMs), (connection) => async (query) => {
      return await connection.query(query);
    });
  }
  demandClient(where, client, expected, isMysql2(client));
  // What the callback API offers as `promise()` is the same client with promises, and leaves nothing behind.
  const promised = has(client, "promise") ? (client as Mysql2CallbackPool).promise() : client;
  demandOpen(where, !isClosed(promised));
  if (has(promised, "getConnection")) {
    const pool = new PoolAsker(poolOfMysql2(promised as Mysql2Pool), maxStarvedMs);
    return askPool(pool, (connection) => async (query) => (await connection.query(query))[0]);
  }
  return askConnection(promised as Mysql2Connection);
}

function isMariadbPool(client: MysqlClient): client is MariadbPool {
  return has(client, "getConnection", "activeConnections", "taskQueueSize");
}

function isMysql2(client: MysqlClient): boolean {
  const isPool = has(client, "getConnection", "on", "removeListener") && (has(client, "promise") || "pool" in client);
  return has(client, "query", "execute", "end") && (isPool || has(client, "beginTransaction", "destroy"));
}

/** Whether the application has ended it; `mysql2` does not tell that in public. */
function isClosed(client: unknown): boolean {
  const { pool, connection } = client as {
    readonly pool?: { readonly _closed?: unknown };
    readonly connection?: { readonly _closing?: unknown };
  };
  return pool?._closed === true || connection?._closing === true;
}

function askPool<C>(pool: PoolAsker<C>, askOf: (connection: C) => Ask): Asker {
  return (context, question) => pool.ask(context, (connection) => question(askOf(connection), context.clock.now()));
}

/** One connection, which the application uses too: what was sent cannot be taken back without closing it. */
function askConnection(connection: Mysql2Connection): Asker {
  const answers = new PromptAnswers<readonly unknown[]>();
  return (context, question) =>
    question(
      async (query: MysqlQuery) => (await answers.ask(context, () => connection.query(query)))[0],
      context.clock.now(),
    );
}
