import { demand, demandMs, type FunctionCheck, HealthError, type ScheduleOptions } from "@otel-health/core";
import { demandClient, demandOpen, has } from "../dependency/demand-client.ts";
import { dependencyCheck } from "../dependency/dependency-check.ts";
import { PromptAnswers } from "../dependency/prompt-answers.ts";
import type { RedisEmitter } from "../redis/clients.ts";
import { ConnectedRun, closedError } from "../redis/connected-run.ts";
import { diagnoseRedis, isBare } from "../redis/diagnose.ts";
import { LastError } from "../redis/last-error.ts";
import { type Census, takeCensus } from "./census.ts";
import type { JobQueue } from "./clients.ts";
import { type Bounds, judgeCensus } from "./judge-census.ts";

/** Options of {@link queue}: those of any check that is run, and bounds, of which at least one has to be given. */
export interface QueueOptions extends ScheduleOptions {
  /** Jobs that may be waiting before that is a warning; default any: what is usual only the application knows. */
  readonly warnBacklog?: number;
  /** Jobs that may be waiting before that is a failure; default any. */
  readonly failBacklog?: number;
  /**
   * Milliseconds that the next job may have been waiting, its delay not counted, before that is a warning; default any. One
   * whose delay is over counts as waiting, whether a worker has noticed or not.
   */
  readonly warnOldestMs?: number;
  /** The same, before that is a failure; default any. */
  readonly failOldestMs?: number;
  /** Jobs that may have failed for good, of those that are kept, before that is a warning; default any. */
  readonly warnFailed?: number;
  /** Workers that have to be connected, from 1 up; fewer are a warning. Default: not asked, it lists all connections. */
  readonly minWorkers?: number;
}

const where = "queue()";
const hint = "the queue's server did not answer: is it up, overloaded, and does a firewall drop packets?";
const bounds = ["warnBacklog", "failBacklog", "warnOldestMs", "failOldestMs", "warnFailed", "minWorkers"] as const;

/**
 * A check of how far the workers of a queue are behind, through the application's own `Queue` of `bullmq`, or what has its
 * shape. Also warns where the queue is paused. Throws `HealthError` for something else, for wrong options, and without a
 * bound: it would say that a queue is well which nobody works on.
 */
export function queue(client: JobQueue, options: QueueOptions): FunctionCheck {
  demandClient(where, client, "a Queue of bullmq, or an object with its getJobCounts()", has(client, "getJobCounts"));
  demandOpen(where, client.closing === undefined || client.closing === null);
  const wanted = readBounds(client, options ?? {});
  const oldest = wanted.warnOldestMs !== Number.POSITIVE_INFINITY || wanted.failOldestMs !== Number.POSITIVE_INFINITY;
  const curiosity = { oldest, workers: wanted.minWorkers > 0 };
  const answers = new PromptAnswers<Census>();
  const last = has(client, "on", "removeListener", "listenerCount")
    ? new LastError(client as unknown as RedisEmitter)
    : undefined;
  // A queue says nothing of its connection but errors: who heard one, and no answer since, has none.
  const connection = { state: () => (last?.error === undefined ? "ready" : "disconnected") } as const;
  return dependencyCheck(
    where,
    options,
    {
      warnBacklog: true,
      failBacklog: true,
      warnOldestMs: true,
      failOldestMs: true,
      warnFailed: true,
      minWorkers: true,
    },
    {
      hint,
      diagnose: diagnoseRedis,
      run: async (context) => {
        if (client.closing !== undefined && client.closing !== null) throw closedError();
        const unlisten = last?.listen();
        const run = new ConnectedRun(context, connection, () => last?.error);
        try {
          const census = await answers.ask(run, () => takeCensus(client, curiosity));
          last?.forget();
          return judgeCensus(census, wanted, context.clock.wallTime());
        } catch (error) {
          throw isBare(error) ? (last?.error ?? error) : error;
        } finally {
          run.end();
          unlisten?.();
        }
      },
    },
  );
}

function readBounds(client: JobQueue, options: QueueOptions): Bounds {
  const { minWorkers = 0, warnFailed, warnBacklog, failBacklog, warnOldestMs, failOldestMs } = options;
  for (const [name, value] of Object.entries({ warnBacklog, failBacklog, warnFailed }))
    demand(value === undefined || isCount(value, 0), `${name} of ${where}`, "a whole number from 0 up", value);
  for (const [name, value] of Object.entries({ warnOldestMs, failOldestMs }))
    if (value !== undefined) demandMs(`${name} of ${where}`, value);
  const { minWorkers: given } = options;
  demand(given === undefined || isCount(given, 1), `minWorkers of ${where}`, "a whole number from 1 up", given);
  if (bounds.every((name) => options[name] === undefined)) {
    throw new HealthError("invalid_option", `${where} needs a bound: give it one of ${bounds.join(", ")}`);
  }
  const read = {
    warnBacklog: warnBacklog ?? Number.POSITIVE_INFINITY,
    failBacklog: failBacklog ?? Number.POSITIVE_INFINITY,
    warnOldestMs: warnOldestMs ?? Number.POSITIVE_INFINITY,
    failOldestMs: failOldestMs ?? Number.POSITIVE_INFINITY,
    warnFailed: warnFailed ?? Number.POSITIVE_INFINITY,
    minWorkers,
  };
  const inOrder = (low: number, high: number) =>
    low < high || low === Number.POSITIVE_INFINITY || high === Number.POSITIVE_INFINITY;
  demand(inOrder(read.warnBacklog, read.failBacklog), `warnBacklog of ${where}`, "less than failBacklog", warnBacklog);
  demand(
    inOrder(read.warnOldestMs, read.failOldestMs),
    `warnOldestMs of ${where}`,
    "less than failOldestMs",
    warnOldestMs,
  );
  demandMethod(client, "getWaiting", warnOldestMs ?? failOldestMs, "a bound on the oldest job");
  demandMethod(client, "getWorkersCount", options.minWorkers, "minWorkers");
  return read;
}

function isCount(value: unknown, min: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= min;
}

function demandMethod(client: JobQueue, method: string, given: unknown, option: string): void {
  if (given === undefined || has(client, method)) return;
  throw new HealthError("invalid_option", `client of ${where} has no ${method}(), which ${option} needs`);
}
