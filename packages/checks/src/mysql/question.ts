import { type Outcome, warn } from "@otel-health/core";
import { type Diagnosis, failure } from "../dependency/diagnosis.ts";
import type { MysqlQuery } from "./clients.ts";
import { diagnoseMysql } from "./diagnose.ts";
import { Follower, readReplication } from "./replication.ts";
import { askAnything, askReadOnly, judgeAnything, judgeReadOnly, type MysqlRole } from "./standing.ts";

/** Sends a query through one connection and resolves to its rows. */
export type Ask = (query: MysqlQuery) => Promise<unknown>;

/** What is asked of a server, and how its answer is judged; `now` is on the run's clock. */
export type Question = (ask: Ask, now: number) => Promise<Outcome | undefined>;

const privilege: Diagnosis = {
  fault: "fatal",
  hint: "the state of replication needs a privilege: GRANT REPLICATION CLIENT ON *.* (MySQL), GRANT REPLICA MONITOR ON *.* (MariaDB)",
};

/** The question to a server that has to be what `role` says. */
export function questionFor(role: MysqlRole, maxLagMs: number): Question {
  if (role === "primary") return answered(async (ask) => judgeReadOnly((await rowsOf(ask, askReadOnly))[0]));
  if (role === "any" && maxLagMs === Number.POSITIVE_INFINITY)
    return answered(async (ask) => judgeAnything((await rowsOf(ask, askAnything))[0]));
  const follower = new Follower(maxLagMs);
  const status = replicaStatus();
  return answered(async (ask, now) => {
    const sources = readReplication(await status(ask));
    if (sources.length > 0) return follower.judge(sources, now);
    if (role === "any") return undefined;
    return warn("the server replicates from nobody: it is not a replica", {
      hint: "reads may load the primary: look at the pool's host",
    });
  });
}

/** An error that the server sent is an answer: the connection that brought it is as good as before. */
function answered(question: Question): Question {
  return async (ask, now) => {
    try {
      return await question(ask, now);
    } catch (error) {
      const { sqlState, fatal } = (error ?? {}) as { readonly sqlState?: unknown; readonly fatal?: unknown };
      if (typeof sqlState !== "string" || fatal === true) throw error;
      return failure(error, (_, errorType) =>
        errorType === "ER_SPECIFIC_ACCESS_DENIED_ERROR" ? privilege : diagnoseMysql(error, errorType),
      );
    }
  };
}

/** The newer statement, until a server says that it does not know it; old MySQL has only the other, new MySQL only this. */
function replicaStatus(): (ask: Ask) => Promise<readonly unknown[]> {
  let word = "REPLICA";
  return async (ask) => {
    try {
      return await rowsOf(ask, `SHOW ${word} STATUS`);
    } catch (error) {
      if ((error as { readonly code?: unknown }).code !== "ER_PARSE_ERROR") throw error;
      word = word === "REPLICA" ? "SLAVE" : "REPLICA";
      return await rowsOf(ask, `SHOW ${word} STATUS`);
    }
  };
}

/** What an application may have set for all queries of its client. */
const ownOptions = {
  rowsAsArray: false,
  nestTables: false,
  metaAsArray: false,
  typeCast: (field: { string(): string | null }) => field.string(),
} as const;

async function rowsOf(ask: Ask, sql: string): Promise<readonly unknown[]> {
  const rows = await ask({ sql, ...ownOptions });
  if (!Array.isArray(rows)) throw new Error("the server answered without rows");
  return rows;
}
