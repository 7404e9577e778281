import { fail, type Outcome, warn } from "@otel-health/core";
import type { KafkaCluster, KafkaPartition, KafkaTopic } from "./clients.ts";

/** How many partitions are named; the rest are counted. */
const most = 3;

/** Judges what an admin client says of its cluster; undefined for one that is as it should be. */
export function judgeCluster(answer: unknown): Outcome | undefined {
  const { brokers, controller } = (answer ?? {}) as Partial<KafkaCluster>;
  if (!Array.isArray(brokers) || (typeof controller !== "number" && controller !== null))
    throw new Error("the answer is not what Kafka says of a cluster");
  if (brokers.length === 0) {
    return fail("the cluster has no broker", {
      errorType: "no_broker",
      hint: "are the brokers up, and have they joined?",
    });
  }
  if (controller !== null && controller >= 0) return undefined;
  return fail("the cluster has no controller", {
    errorType: "no_controller",
    hint: "nobody elects leaders: look at the controllers, or at ZooKeeper, and at the brokers' logs",
  });
}

/** Judges the topics that are wanted among all that there are. */
export function judgeTopics(answer: unknown, wanted: readonly string[]): Outcome | undefined {
  const { topics } = (answer ?? {}) as { readonly topics?: readonly KafkaTopic[] };
  if (!Array.isArray(topics)) throw new Error("the answer is not what Kafka says of topics");
  const found = wanted.map((name) => ({
    name,
    partitions: partitionsOf(topics.find((topic) => topic?.name === name)),
  }));
  const missing = unknownTopics(found.filter(({ partitions }) => partitions === undefined).map(({ name }) => name));
  if (missing !== undefined) return missing;
  const those = (are: (partition: KafkaPartition) => boolean) =>
    found.flatMap(({ name, partitions = [] }) =>
      partitions.filter(are).map(({ partitionId }) => `${name}-${partitionId}`),
    );
  const leaderless = those(({ leader }) => typeof leader !== "number" || leader < 0);
  if (leaderless.length > 0) {
    return fail(`there is no leader of ${listed(leaderless)}`, {
      errorType: "no_leader",
      hint: "every broker that has the partition is down or behind: bring one of them back",
    });
  }
  const thin = those(({ replicas, isr }) => isr.length < replicas.length);
  if (thin.length === 0) return undefined;
  return warn(`replicas are behind or down of ${listed(thin)}`, {
    hint: "is a broker down, restarting or overloaded?",
  });
}

/** What it means that these are not there; undefined for none. */
export function unknownTopics(names: readonly string[]): Outcome | undefined {
  if (names.length === 0) return undefined;
  return fail(`there is no topic ${listed(names)}`, {
    errorType: "unknown_topic",
    fault: "persistent",
    hint: "look at its name, at who creates it, and whether this user may see it",
  });
}

function partitionsOf(topic: KafkaTopic | undefined): readonly KafkaPartition[] | undefined {
  if (topic === undefined) return undefined;
  const { partitions } = topic;
  const isList = Array.isArray(partitions) && partitions.length > 0;
  if (isList && partitions.every((each) => Array.isArray(each?.replicas) && Array.isArray(each.isr))) return partitions;
  throw new Error("the answer is not what Kafka says of a topic");
}

function listed(names: readonly string[]): string {
  const more = names.length > most ? ` and ${names.length - most} more` : "";
  return `${names.slice(0, most).join(", ")}${more}`;
}
