import { demand, type FunctionCheck, fail, type Outcome, type ScheduleOptions } from "@otel-health/core";
import { demandClient, has } from "../dependency/demand-client.ts";
import { dependencyCheck } from "../dependency/dependency-check.ts";
import { Outstanding } from "../dependency/outstanding.ts";
import type { KafkaAdmin } from "./clients.ts";
import { diagnoseKafka } from "./diagnose.ts";
import { judgeCluster, judgeTopics } from "./judge-cluster.ts";
import { judgeLag } from "./judge-lag.ts";

/** Options of {@link kafka}: those of any check that is run, and these. */
export interface KafkaOptions extends ScheduleOptions {
  /** Topics that have to be there, with a leader of every partition; default none is looked at. None is ever created. */
  readonly topics?: readonly string[];
  /** A consumer group whose lag in `topics` is looked at; with `maxLag`. */
  readonly groupId?: string;
  /** Messages that the group may have left to read, in all partitions together; more fail. */
  readonly maxLag?: number;
}

const where = "kafka()";
const expected = "an admin client of kafkajs, as kafka.admin() returns it";
const hint =
  "no broker answered: are they up or overloaded, are the addresses that they advertise reachable, and does a firewall drop packets?";

/**
 * A check of a Kafka cluster through an admin client of the application: it reads metadata, and never writes. Fails where
 * no broker answers or the cluster has no controller. Throws `HealthError` for another client or wrong options.
 */
export function kafka(admin: KafkaAdmin, options: KafkaOptions = {}): FunctionCheck {
  const methods = [
    "connect",
    "disconnect",
    "describeCluster",
    "fetchTopicMetadata",
    "fetchOffsets",
    "fetchTopicOffsets",
  ];
  demandClient(where, admin, expected, has(admin, ...methods));
  const wanted = readWanted(options ?? {});
  const outstanding = new Outstanding<Outcome | undefined>();
  let isDisconnected = false;
  return dependencyCheck(
    where,
    options,
    { topics: true, groupId: true, maxLag: true },
    {
      hint,
      diagnose: diagnoseKafka,
      attach: () => {
        const removals = [
          admin.on("admin.connect", () => {
            isDisconnected = false;
          }),
          admin.on("admin.disconnect", () => {
            isDisconnected = true;
          }),
        ];
        return () => {
          for (const remove of removals) remove();
        };
      },
      // Whoever is asked after it was disconnected connects again, and would keep a process alive that wants to end.
      run: async (context) => {
        if (isDisconnected) return disconnected();
        return await outstanding.ask(context, () => ask(admin, wanted));
      },
    },
  );
}

function disconnected(): Outcome {
  return fail("the application has disconnected the admin client", {
    errorType: "client_closed",
    fault: "persistent",
    hint: "the client that is checked has to be connected for as long as the check runs",
  });
}

interface Wanted {
  readonly topics: readonly string[];
  readonly group: { readonly id: string; readonly maxLag: number } | undefined;
}

/**
 * All topics are asked for: a broker that may create topics would create one that is asked for by its name and missing.
 */
async function ask(admin: KafkaAdmin, { topics, group }: Wanted): Promise<Outcome | undefined> {
  const cluster = judgeCluster(await admin.describeCluster());
  if (cluster !== undefined) return cluster;
  const judged = topics.length > 0 ? judgeTopics(await admin.fetchTopicMetadata(), topics) : undefined;
  if (judged?.status === "fail" || group === undefined) return judged;
  return (await askLag(admin, topics, group)) ?? judged;
}

async function askLag(
  admin: KafkaAdmin,
  topics: readonly string[],
  { id, maxLag }: NonNullable<Wanted["group"]>,
): Promise<Outcome | undefined> {
  const committed = await admin.fetchOffsets({ groupId: id, topics: [...topics] });
  if (!Array.isArray(committed)) throw new Error("the answer is not what Kafka says of a group");
  const progress = committed.map(async ({ topic, partitions }) => ({
    committed: partitions,
    written: await admin.fetchTopicOffsets(topic),
  }));
  return judgeLag(await Promise.all(progress), id, maxLag);
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
