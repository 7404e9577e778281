import { demand, type FunctionCheck, type Outcome, type RunContext, type ScheduleOptions } from "@otel-health/core";
import { demandClient, has } from "../dependency/demand-client.ts";
import { dependencyCheck } from "../dependency/dependency-check.ts";
import { TimeBox } from "../dependency/time-box.ts";
import { untilAborted } from "../dependency/until-aborted.ts";
import type { HeartbeatFailed, MongodbClient } from "./clients.ts";
import { diagnoseMongodb } from "./diagnose.ts";
import { judgeHello, type MongodbRole } from "./judge-hello.ts";

export type { MongodbRole } from "./judge-hello.ts";

/** Options of {@link mongodb}: those of any check that is run, and this. */
export interface MongodbOptions extends ScheduleOptions {
  /**
   * What the server has to be. Default "primary": without one nothing is written. "secondary" for a client of reads; a
   * primary in its place is a warning. "any": whichever member is nearest, as long as it serves.
   */
  readonly role?: MongodbRole;
}

const where = "mongodb()";
const hint =
  "no server of the role that is wanted answered: is it up, is there a primary, is the pool used up, does a firewall drop packets?";
/** Share of a run's time that is waited while the driver's monitor fails, so that there is time left to say why. */
const waitShare = 0.8;
const preference = { primary: "primary", secondary: "secondary", any: "nearest" } as const;

/**
 * A check of MongoDB through the application's own client: one `hello` to the member that operations of that role are sent
 * to, on a connection of the pool. Fails where there is no such member, and where the server serves nothing. Throws
 * `HealthError` for another client or wrong options.
 */
export function mongodb(client: MongodbClient, options: MongodbOptions = {}): FunctionCheck {
  demandClient(
    where,
    client,
    "a MongoClient of mongodb",
    has(client, "db", "connect", "startSession", "on", "removeListener"),
  );
  const role = options?.role ?? "primary";
  demand(["primary", "secondary", "any"].includes(role), `role of ${where}`, '"primary", "secondary" or "any"', role);
  return dependencyCheck(where, options, { role: true }, { hint, diagnose: diagnoseMongodb, run: asker(client, role) });
}

/** The run's end takes the question back: what waits for a server or a connection stops waiting, what was sent is cut off. */
function asker(client: MongodbClient, role: MongodbRole): (context: RunContext) => Promise<Outcome | undefined> {
  const admin = client.db("admin");
  let lastFailure: unknown;
  return async (context) => {
    const startedAt = context.clock.now();
    const box = new TimeBox(context);
    const giveUp = () => box.limit(Math.max(0, waitShare * context.timeoutMs - (context.clock.now() - startedAt)));
    // While nothing was heard of a failure the server has all of the run's time.
    if (lastFailure !== undefined) giveUp();
    const hear = ({ failure }: HeartbeatFailed) => {
      if (lastFailure === undefined) giveUp();
      lastFailure = failure;
    };
    client.on("serverHeartbeatFailed", hear);
    try {
      const { signal } = box;
      const question = admin.command({ hello: 1 }, { signal, readPreference: preference[role] });
      const outcome = judgeHello(await untilAborted(signal, question), role);
      lastFailure = undefined;
      return outcome;
    } catch (error) {
      throw box.isOver ? lastFailure : error;
    } finally {
      box.end();
      client.removeListener("serverHeartbeatFailed", hear);
    }
  };
}
