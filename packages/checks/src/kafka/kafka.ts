import {
  demand,
  type FunctionCheck,
  fail,
  type Outcome,
  type RunContext,
  type ScheduleOptions,
} from "@otel-health/core";
import { demandClient, has } from "../dependency/demand-client.ts";
import { dependencyCheck } from "../dependency/dependency-check.ts";
import { PromptAnswers } from "../dependency/prompt-answers.ts";
import { askConfluent } from "./ask-confluent.ts";
import { askKafkajs, type Wanted } from "./ask-kafkajs.ts";
import type { ConfluentKafkaAdmin, KafkaAdmin } from "./clients.ts";
import { diagnoseKafka } from "./diagnose.ts";

/** Options of {@link kafka}: those of any check that is run, and these. */
export interface KafkaOptions extends ScheduleOptions {
  /** Topics that have to be there, with a leader of every partition; default none is looked at. None is ever created. */
  readonly topics?: readonly string[];
  /** A consumer group whose lag in `topics` is looked at; with `maxLag`, and through a client of `kafkajs` only. */
  readonly groupId?: string;
  /** Messages that the group may have left to read, in all partitions together; more fail. */
  readonly maxLag?: number;
}

const where = "kafka()";
const expected = "an admin client of kafkajs or @confluentinc/kafka-javascript, as kafka.admin() returns it";
const hint =
  "no broker answered: are they up or overloaded, are the addresses that they advertise reachable, and does a firewall drop packets?";

/** librdkafka 2.15.1 aborts where the answer of a group's coordinator comes after the question was given up: issue 4605. */
const noGroups =
  "left out for @confluentinc/kafka-javascript, which ends the process when a group's coordinator was away and is back";

/**
 * A check of a Kafka cluster through an admin client of the application: it reads metadata, and never writes. Fails where
 * no broker answers or, as far as the client tells, the cluster has no controller. Throws `HealthError` for another client
 * or wrong options.
 */
export function kafka(admin: KafkaAdmin | ConfluentKafkaAdmin, options: KafkaOptions = {}): FunctionCheck {
  const isKafkajs = has(admin, "on");
  const methods = isKafkajs
    ? ["describeCluster", "fetchTopicMetadata", "fetchOffsets", "fetchTopicOffsets"]
    : ["listTopics", "fetchTopicMetadata"];
  demandClient(where, admin, expected, has(admin, "connect", "disconnect", ...methods));
  const wanted = readWanted(options ?? {});
  demand(isKafkajs || wanted.group === undefined, `groupId of ${where}`, noGroups, wanted.group?.id);
  const ask = isKafkajs
    ? () => askKafkajs(admin as KafkaAdmin, wanted)
    : (context: RunContext) => askConfluent(admin as ConfluentKafkaAdmin, wanted.topics, context);
  const answers = new PromptAnswers<Outcome | undefined>();
  let isDisconnected = false;
  const watch = () =>
    onConnection(admin as KafkaAdmin, (isConnected) => {
      isDisconnected = !isConnected;
    });
  return dependencyCheck(
    where,
    options,
    { topics: true, groupId: true, maxLag: true },
    {
      hint,
      diagnose: diagnoseKafka,
      ...(isKafkajs && { attach: watch }),
      // Whoever asks kafkajs after it was disconnected connects it again, and would keep a process alive that wants to end.
      run: async (context) => {
        if (isDisconnected) return disconnected();
        return await answers.ask(context, () => ask(context));
      },
    },
  );
}

/** Until what it returns is called. */
function onConnection(admin: KafkaAdmin, tell: (isConnected: boolean) => void): () => void {
  const removals = [admin.on("admin.connect", () => tell(true)), admin.on("admin.disconnect", () => tell(false))];
  return () => {
    for (const remove of removals) remove();
  };
}

function disconnected(): Outcome {
  return fail("the application has disconnected the admin client", {
    errorType: "client_closed",
    fault: "persistent",
    hint: "the client that is checked has to be connected for as long as the check runs",
  });
}

function readWanted({ topics = [], groupId, maxLag }: KafkaOptions): Wanted {
  const isName = (name: unknown) => typeof name === "string" && name !== "";
  demand(Array.isArray(topics) && topics.every(isName), `topics of ${where}`, "an array of names", topics);
  demand(groupId === undefined || isName(groupId), `groupId of ${where}`, "the name of a group", groupId);
  if (groupId === undefined) {
    demand(maxLag === undefined, `groupId of ${where} with maxLag`, "the name of a group", groupId);
    return { topics, group: undefined };
  }
  demand(topics.length > 0, `topics of ${where} with groupId`, "the topics that it consumes", topics);
  const isCount = typeof maxLag === "number" && Number.isInteger(maxLag) && maxLag >= 0;
  demand(isCount, `maxLag of ${where} with groupId`, "a whole number from 0 up", maxLag);
  return { topics, group: { id: groupId, maxLag: maxLag as number } };
}
