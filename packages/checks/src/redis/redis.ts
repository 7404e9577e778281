import {
  demand,
  demandMs,
  type FunctionCheck,
  type Outcome,
  type RunContext,
  type ScheduleOptions,
} from "@otel-health/core";
import { demandClient, demandOpen } from "../dependency/demand-client.ts";
import { dependencyCheck } from "../dependency/dependency-check.ts";
import { PromptAnswers } from "../dependency/prompt-answers.ts";
import type { Ioredis, IoredisCluster, NodeRedis, NodeRedisCluster, NodeRedisSentinel } from "./clients.ts";
import { ConnectedRun } from "./connected-run.ts";
import { type Connection, connectionOf } from "./connection.ts";
import { diagnoseRedis, isBare } from "./diagnose.ts";
import { judgeCluster } from "./judge-cluster.ts";
import { judgeServer, type RedisRole, type Wanted } from "./judge-server.ts";
import { LastError } from "./last-error.ts";
import { askCluster, askServer, askWhileGreeting, type Question } from "./question.ts";

export type { RedisRole } from "./judge-server.ts";

/** A client that the application has: of `ioredis` (`Redis`, `Cluster`), or of `redis` (client, cluster, sentinel). */
export type RedisClient = Ioredis | IoredisCluster | NodeRedis | NodeRedisCluster | NodeRedisSentinel;

/** Options of {@link redis}: those of any check that is run, and these, which are for one server and not for a cluster. */
export interface RedisOptions extends ScheduleOptions {
  /**
   * What the server has to be. Default "primary": after a failover a client may go on talking to the old one, which
   * answers every read and takes no write. "replica" for a client of reads; a primary in its place is a warning.
   */
  readonly role?: RedisRole;
  /**
   * Share of `maxmemory` from which a primary that evicts nothing is a warning, above 0 up to 1; default 0.9. One that
   * has used up all of it refuses writes: a failure with role "primary". False: memory is not looked at.
   */
  readonly warnMemoryRatio?: number | false;
  /** Milliseconds that a replica may be without its primary before that is a failure; default any: it is a warning. */
  readonly maxLinkDownMs?: number;
}

const where = "redis()";
const expected = "a Redis or Cluster of ioredis, or a client, cluster or sentinel of redis";
const hint =
  "the server did not answer: is it up, does a slow command (KEYS, a script) block it, and does a firewall drop packets?";

/**
 * A check of Redis, or what speaks its protocol, through the application's own client: PING and INFO in one round trip,
 * CLUSTER INFO for a cluster. Fails where no answer comes, where the server loads, refuses writes or is not what `role`
 * says, and where a cluster is down; warns where memory runs out. Throws `HealthError` for another client or wrong options.
 */
export function redis(client: RedisClient, options: RedisOptions = {}): FunctionCheck {
  const connection = connectionOf(client) as Connection;
  demandClient(where, client, expected, connection !== undefined);
  // One of `redis` that is not open may not have been connected yet.
  demandOpen(where, (client as { readonly status?: unknown }).status !== "end");
  const wanted = readWanted(connection, options ?? {});
  const question = connection.isCluster
    ? askCluster(connection, judgeCluster)
    : askServer(connection, needsInfo(wanted), (info) => judgeServer(info, wanted));
  return dependencyCheck(
    where,
    options,
    { role: true, warnMemoryRatio: true, maxLinkDownMs: true },
    { hint, diagnose: diagnoseRedis, run: asker(connection, question) },
  );
}

function readWanted(connection: Connection, options: RedisOptions): Wanted {
  const { role = "primary", warnMemoryRatio = 0.9, maxLinkDownMs } = options;
  for (const name of ["role", "warnMemoryRatio", "maxLinkDownMs"] as const) {
    const fits = !connection.isCluster || options[name] === undefined;
    demand(
      fits,
      `${name} of ${where}`,
      "left out for a cluster, whose client finds the primaries itself",
      options[name],
    );
  }
  demand(["primary", "replica", "any"].includes(role), `role of ${where}`, '"primary", "replica" or "any"', role);
  const isRatio =
    typeof warnMemoryRatio === "number" ? warnMemoryRatio > 0 && warnMemoryRatio <= 1 : warnMemoryRatio === false;
  demand(isRatio, `warnMemoryRatio of ${where}`, "a number above 0 up to 1, or false", warnMemoryRatio);
  if (maxLinkDownMs !== undefined) demandMs(`maxLinkDownMs of ${where}`, maxLinkDownMs);
  return {
    role,
    warnMemoryRatio: warnMemoryRatio === false ? Number.POSITIVE_INFINITY : warnMemoryRatio,
    maxLinkDownMs: maxLinkDownMs ?? Number.POSITIVE_INFINITY,
  };
}

/** Who wants nothing of it needs no permission for it either. */
function needsInfo({ role, warnMemoryRatio, maxLinkDownMs }: Wanted): boolean {
  return role !== "any" || warnMemoryRatio !== Number.POSITIVE_INFINITY || maxLinkDownMs !== Number.POSITIVE_INFINITY;
}

/** A command that was sent cannot be taken back, and one connection serves the whole application. */
function asker(connection: Connection, question: Question): (context: RunContext) => Promise<Outcome | undefined> {
  const greeting = askWhileGreeting(connection);
  const greetings = new PromptAnswers<Outcome | undefined>();
  const answers = new PromptAnswers<Outcome | undefined>();
  const last = new LastError(connection.emitter);
  let session = connection.session();
  return async (context) => {
    const unlisten = last.listen();
    const run = new ConnectedRun(context, connection, () => last.error ?? new Error("the client has no connection"));
    try {
      await run.reaches("ready", "greeting");
      if (session !== connection.session()) {
        session = connection.session();
        greetings.forget();
        answers.forget();
      }
      if (connection.state() === "greeting") {
        const loading = await greetings.ask(run, () => greeting(run.signal));
        if (loading !== undefined) return loading;
        await run.reaches("ready");
      }
      const outcome = await answers.ask(run, () => question(run.signal));
      last.forget();
      return outcome;
    } catch (error) {
      throw isBare(error) ? (last.error ?? error) : error;
    } finally {
      run.end();
      unlisten();
    }
  };
}
