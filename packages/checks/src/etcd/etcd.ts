import { demand, type FunctionCheck, type Outcome, type RunContext, type ScheduleOptions } from "@otel-health/core";
import { demandClient, has } from "../dependency/demand-client.ts";
import { dependencyCheck } from "../dependency/dependency-check.ts";
import { PromptAnswers } from "../dependency/prompt-answers.ts";
import type { EtcdClient } from "./clients.ts";
import { diagnoseEtcd, isCircuitOpen, isPermissionDenied } from "./diagnose.ts";
import { judgeStatus } from "./judge-status.ts";

/** Options of {@link etcd}: those of any check that is run, and this. */
export interface EtcdOptions extends ScheduleOptions {
  /**
   * A key that is read, small or not there. Default "health", which nobody has to be allowed to read: that it is forbidden
   * is an answer too. A key that is named has to be readable.
   */
  readonly key?: string;
}

const where = "etcd()";
const hint =
  "no answer: is a majority of the members up, are their disks fast enough, and does a firewall drop packets?";

/**
 * A check of etcd through the application's own client: a linearizable read, which needs a leader and a majority, and the
 * status of a member, at once. Fails where no answer comes, without a leader, and while the alarm NOSPACE or CORRUPT is
 * on. Throws `HealthError` for another client or wrong options.
 */
export function etcd(client: EtcdClient, options: EtcdOptions = {}): FunctionCheck {
  const isClient = has(client, "get") && has(client.maintenance, "status");
  demandClient(where, client, "an Etcd3 of etcd3, not a namespace of it", isClient);
  const key = options?.key;
  demand(key === undefined || (typeof key === "string" && key !== ""), `key of ${where}`, "a key", key);
  return dependencyCheck(where, options, { key: true }, { hint, diagnose: diagnoseEtcd, run: asker(client, key) });
}

/**
 * A call cannot be taken back but by a deadline, and one that passes makes the client drop its connection, under whatever
 * else the application is asking.
 */
function asker(client: EtcdClient, key: string | undefined): (context: RunContext) => Promise<Outcome | undefined> {
  const statuses = new PromptAnswers<Outcome | undefined>();
  const reads = new PromptAnswers<void>();
  let lastError: unknown;
  return async (context) => {
    const over = new AbortController();
    const asking = { ...context, signal: AbortSignal.any([context.signal, over.signal]) };
    try {
      const status = statuses.ask(asking, async () => judgeStatus(await client.maintenance.status()));
      const outcome = await both(
        status,
        reads.ask(asking, () => read(client, key)),
      );
      lastError = undefined;
      return outcome;
    } catch (error) {
      if (!isCircuitOpen(error)) lastError = error;
      throw lastError ?? error;
    } finally {
      over.abort();
    }
  };
}

/** Linearizable is the client's default. */
async function read(client: EtcdClient, key: string | undefined): Promise<void> {
  try {
    const answer = (await client.get(key ?? "health").exec()) as { readonly kvs?: unknown } | undefined;
    if (!Array.isArray(answer?.kvs)) throw new Error("the server's answer is not what etcd would answer");
  } catch (error) {
    if (key !== undefined || !isPermissionDenied(error)) throw error;
  }
}

/** A bad status counts as soon as it comes: without a leader the read waits for one. */
function both(status: Promise<Outcome | undefined>, reading: Promise<void>): Promise<Outcome | undefined> {
  return new Promise((resolve, reject) => {
    status.then((outcome) => {
      if (outcome?.status === "fail") resolve(outcome);
    }, reject);
    Promise.all([status, reading]).then(([outcome]) => resolve(outcome), reject);
  });
}
