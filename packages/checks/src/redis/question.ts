import { fail, type Outcome } from "@otel-health/core";
import type { Connection } from "./connection.ts";
import { judgeLoading } from "./judge-server.ts";
import { type Info, readInfo } from "./read-info.ts";

/** Asks in one round trip, and judges what comes back. */
export type Question = (signal: AbortSignal) => Promise<Outcome | undefined>;

/** What a cluster says of itself, through whichever node the client picks. */
export function askCluster(connection: Connection, judge: (info: Info) => Outcome | undefined): Question {
  return async (signal) => judge(readInfo(await connection.send(["cluster", "INFO"], signal)));
}

/** All that a client may ask before it says that the server is ready: whether that loads. */
export function askWhileGreeting(connection: Connection): Question {
  return async (signal) => judgeLoading(readInfo(await connection.send(["info"], signal)));
}

/**
 * PING is refused while the server loads, while a script blocks it, and where it could not save and takes no writes. INFO
 * tells the rest. Both are sent at once.
 */
export function askServer(
  connection: Connection,
  needsInfo: boolean,
  judge: (info: Info) => Outcome | undefined,
): Question {
  return async (signal) => {
    const send = (...command: [string, ...string[]]) => connection.send(command, signal);
    const database = connection.database();
    const [pong, info, own] = await Promise.all([
      send("ping"),
      needsInfo ? send("info") : undefined,
      // Nothing else tells whether a SELECT was refused while the client connected.
      database === 0 ? undefined : send("client", "INFO").catch(unlessUnknown),
    ]);
    demandPong(pong);
    return judgeDatabase(own, database) ?? (needsInfo ? judge(readInfo(info)) : undefined);
  };
}

/** While a client of the older protocol subscribes it is answered in a list. */
function demandPong(pong: unknown): void {
  const [word] = Array.isArray(pong) ? pong : [pong];
  if (typeof word !== "string" || word.toUpperCase() !== "PONG")
    throw new Error("the server's answer to PING is not what Redis would answer");
}

/** A server older than Redis 6.2 does not know it. */
function unlessUnknown(error: unknown): undefined {
  if (error instanceof Error && /unknown (sub)?command/i.test(error.message)) return undefined;
  throw error;
}

function judgeDatabase(own: unknown, wanted: number): Outcome | undefined {
  if (own === undefined) return undefined;
  const [, actual] = (typeof own === "string" && / db=(\d+)/.exec(own)) || [];
  if (actual === String(wanted)) return undefined;
  if (actual === undefined) throw new Error("the server's answer to CLIENT INFO is not what Redis would answer");
  return fail(`the connection is in database ${actual}, not ${wanted}: SELECT was refused`, {
    errorType: "wrong_database",
    fault: "fatal",
    hint: "has the server a database of that number, and may the user SELECT? The client goes on with another one",
  });
}
