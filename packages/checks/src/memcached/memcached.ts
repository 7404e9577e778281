import type { FunctionCheck, Outcome, RunContext, ScheduleOptions } from "@otel-health/core";
import { demandClient, has } from "../dependency/demand-client.ts";
import { dependencyCheck } from "../dependency/dependency-check.ts";
import { PromptAnswers } from "../dependency/prompt-answers.ts";
import { TimeBox } from "../dependency/time-box.ts";
import type { MemcachedClient, MemcachedStats } from "./clients.ts";
import { diagnoseMemcached } from "./diagnose.ts";
import { judgeAnswers, type ServerAnswer } from "./judge-answers.ts";
import { Refusals } from "./refusals.ts";

const where = "memcached()";
const hint = "the server did not answer: is it up, and does a firewall drop packets?";
/** Share of a run's time that is waited for all servers, so that there is time left to say which did not answer. */
const waitShare = 0.8;

/**
 * A check of memcached through the application's own client of `memjs`: one STATS of each server, past the client's own
 * retries and failover, which hide a server that is gone. Fails where none answers, warns where some do not, and where one
 * refuses connections. Throws `HealthError` for another client or wrong options.
 */
export function memcached(client: MemcachedClient, options: ScheduleOptions = {}): FunctionCheck {
  const isClient = has(client, "stats", "statsWithKey") && Array.isArray(client.servers);
  demandClient(where, client, "a Client of memjs", isClient);
  return dependencyCheck(where, options, {}, { hint, diagnose: diagnoseMemcached, run: asker(client) });
}

/** One connection to each server, which the application uses too: what was sent cannot be taken back. */
function asker(client: MemcachedClient): (context: RunContext) => Promise<Outcome | undefined> {
  const refusals = new Refusals();
  const complete = new PromptAnswers<readonly ServerAnswer[]>();
  return async (context) => {
    // Of each server the last answer to a question of this run, which may be one of several: a late one is asked again.
    const heard = new Map<string, ServerAnswer>();
    const hear = (answer: ServerAnswer) => heard.set(answer.server, answer);
    const box = new TimeBox(context);
    box.limit(waitShare * context.timeoutMs);
    try {
      const { clock, timeoutMs } = context;
      const all = await complete.ask({ clock, timeoutMs, signal: box.signal }, () => askAll(client, hear));
      return judgeAnswers(all, client.servers.length, refusals);
    } catch (error) {
      if (box.isOver && heard.size > 0) return judgeAnswers([...heard.values()], client.servers.length, refusals);
      throw error;
    } finally {
      box.end();
    }
  };
}

/** Resolves to the answers to this one question, once there is one of each server. */
function askAll(client: MemcachedClient, hear: (answer: ServerAnswer) => void): Promise<readonly ServerAnswer[]> {
  return new Promise((resolve) => {
    const count = client.servers.length;
    const answers: ServerAnswer[] = [];
    if (count === 0) resolve(answers);
    client.stats((error, server, stats) => {
      const answer = readAnswer(error, server, stats);
      hear(answer);
      answers.push(answer);
      if (answers.length === count) resolve(answers);
    });
  });
}

function readAnswer(error: unknown, server: string, stats: MemcachedStats | null): ServerAnswer {
  if (error !== null && error !== undefined) return { server, error };
  if (typeof stats?.["pid"] === "string") return { server, stats };
  return { server, error: new Error("the server's answer is not what memcached would answer") };
}
