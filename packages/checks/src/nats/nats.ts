import {
  demand,
  type FunctionCheck,
  fail,
  type Outcome,
  type RunContext,
  type ScheduleOptions,
} from "@otel-health/core";
import { demandClient, demandOpen, has } from "../dependency/demand-client.ts";
import { dependencyCheck } from "../dependency/dependency-check.ts";
import { Outstanding } from "../dependency/outstanding.ts";
import type { NatsConnection } from "./clients.ts";
import { diagnoseNats } from "./diagnose.ts";
import { judgeConsumer, judgeRefusal, judgeStream, readInfo } from "./judge-jetstream.ts";
import { LastError } from "./last-error.ts";

/** Options of {@link nats}: those of any check that is run, and these. */
export interface NatsOptions extends ScheduleOptions {
  /** Whether JetStream has to be there for this account; default false, or true with `stream`. */
  readonly jetstream?: boolean;
  /** A stream that has to be there, with a leader and room for messages. */
  readonly stream?: string;
  /** A durable consumer of `stream` that has to be there. */
  readonly consumer?: string;
  /** Messages that may wait for `consumer` before that is a warning; default any. */
  readonly warnPending?: number;
  /** The JetStream domain, where it is not the server's own. */
  readonly domain?: string;
}

/** What JetStream is asked, and how its answer is judged. */
interface Question {
  readonly subject: string;
  readonly judge: (info: ReturnType<typeof readInfo>) => Outcome | undefined;
}

const where = "nats()";
const expected = "a connection of nats or @nats-io/transport-node";
const hint =
  "the server did not answer: is it up and not overloaded, does a firewall drop packets, or has JetStream no leader?";

/**
 * A check of NATS on the application's own connection: a PING that is answered, and what JetStream says of itself where it
 * is asked for. While the client is not connected nothing is sent. Throws `HealthError` for another client or wrong options.
 */
export function nats(connection: NatsConnection, options: NatsOptions = {}): FunctionCheck {
  const questions = readQuestions(options ?? {});
  const good = has(connection, "rtt", "request", "closed", "isClosed", "isDraining", "status");
  demandClient(where, connection, expected, good);
  demandOpen(where, !connection.isClosed() && !connection.isDraining());
  const lastError = new LastError(connection);
  const outstanding = new Outstanding<Outcome | undefined>();
  return dependencyCheck(
    where,
    options,
    { jetstream: true, stream: true, consumer: true, warnPending: true, domain: true },
    {
      hint,
      diagnose: diagnoseNats,
      attach: () => lastError.listen(),
      run: async (context) => {
        if (connection.isDraining() && !connection.isClosed()) return draining;
        try {
          return await outstanding.ask(context, () => ask(connection, questions, context));
        } catch (error) {
          throw diagnoseNats(error)?.errorType === "disconnected" || connection.isClosed()
            ? (lastError.error ?? error)
            : error;
        }
      },
    },
  );
}

const draining: Outcome = fail("the application drains the connection", {
  errorType: "client_draining",
  fault: "persistent",
  hint: "nothing new can be subscribed on the connection that is checked, and it is closed soon",
});

async function ask(
  connection: NatsConnection,
  questions: readonly Question[],
  { timeoutMs }: RunContext,
): Promise<Outcome | undefined> {
  // Rejects where there is no connection; a request would be kept, and sent once there is one.
  await connection.rtt();
  let outcome: Outcome | undefined;
  for (const { subject, judge } of questions) {
    // The run ends sooner. Nothing else ends a request.
    const { data } = await connection.request(subject, "", { timeout: 2 * timeoutMs });
    const info = readInfo(data);
    const judged = judgeRefusal(info) ?? judge(info);
    if (judged?.status === "fail") return judged;
    outcome ??= judged;
  }
  return outcome;
}

function readQuestions(options: NatsOptions): readonly Question[] {
  const {
    stream,
    consumer,
    domain,
    warnPending = Number.POSITIVE_INFINITY,
    jetstream = stream !== undefined,
  } = options;
  demand(typeof jetstream === "boolean", `jetstream of ${where}`, "true or false", jetstream);
  demand(jetstream || stream === undefined, `jetstream of ${where}`, "true where `stream` is given", jetstream);
  demandName("stream", stream);
  demandName("consumer", consumer);
  demandName("domain", domain);
  const hasStream = consumer === undefined || stream !== undefined;
  demand(hasStream, `stream of ${where}`, "given where `consumer` is", stream);
  const isCount = typeof warnPending === "number" && warnPending >= 0;
  demand(isCount, `warnPending of ${where}`, "a number from 0 up", warnPending);
  const isUsed = options.warnPending === undefined || consumer !== undefined;
  demand(isUsed, `consumer of ${where}`, "given where `warnPending` is", consumer);
  demand(domain === undefined || jetstream, `jetstream of ${where}`, "true where `domain` is given", jetstream);
  const api = domain === undefined ? "$JS.API" : `$JS.${domain}.API`;
  const questions: Question[] = [];
  if (stream !== undefined)
    questions.push({ subject: `${api}.STREAM.INFO.${stream}`, judge: (info) => judgeStream(stream, info) });
  if (consumer !== undefined) {
    const subject = `${api}.CONSUMER.INFO.${stream}.${consumer}`;
    questions.push({ subject, judge: (info) => judgeConsumer(consumer, info, warnPending) });
  }
  // What a stream answers says that JetStream is there.
  if (jetstream && stream === undefined) questions.push({ subject: `${api}.INFO`, judge: () => undefined });
  return questions;
}

function demandName(option: string, name: string | undefined): void {
  const isName = name === undefined || (typeof name === "string" && /^[^\s.*>/\\]{1,255}$/.test(name));
  demand(isName, `${option} of ${where}`, "a name without spaces, dots, slashes and wildcards", name);
}
